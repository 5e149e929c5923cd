# Heddle for systems other than Debian 12:
#   docker build -t heddle .
#   docker run --rm -v "$PWD:/work" -u "$(id -u):$(id -g)" heddle train my.toml --out run
FROM debian:12 AS build
WORKDIR /src
# By itself, so that a change of a source file leaves the packages where they are.
COPY tools/install_deps.sh tools/
RUN tools/install_deps.sh
COPY . .
RUN cmake --preset release -DHEDDLE_TESTS=OFF \
 && cmake --build --preset release --target heddle \
 && strip build/heddle

FROM debian:12-slim
RUN apt-get update -q \
 && apt-get install -y --no-install-recommends libdnnl2 libfmt9 libgomp1 libhwy1 libspdlog1.10 libutf8proc2 libonig5 libxxhash0 \
    libisal2 libzstd1 libsimdjson14 libspng0 libturbojpeg0 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/build/heddle /usr/local/bin/
COPY LICENSE /usr/local/share/doc/heddle/
RUN useradd --create-home heddle
USER heddle
WORKDIR /work
ENTRYPOINT ["heddle"]
