# Short names for what one does here; CMakePresets.json has the builds themselves.
.PHONY: build demo test test-asan bench fuzz format lint clean

build:
	tools/install_deps.sh
	cmake --preset release
	cmake --build --preset release

# Learns dates and quantities from generated data, answers inputs it has never seen.
demo: build
	build/heddle demo data --out build/demo/data
	build/heddle train recipes/demo/dates.toml --out build/demo/run --overwrite --set data.dir=build/demo/data
	build/heddle demo report --model build/demo/run --data build/demo/data --out build/demo/report.html

# The sanitized tests first, so that the summary of the whole suite stands last.
test: build test-asan
	ctest --test-dir build --output-on-failure -j2

test-asan:
	cmake --preset asan
	cmake --build --preset asan --target tests
	ctest --test-dir build/asan --output-on-failure -j2

# Speed against peers: make bench [CASE=train-mt/d128]; results go to build/bench/results.jsonl.
bench: build
	bench/setup_peers.sh
	build/peers/venv/bin/python bench/run.py --case "$(CASE)"

# Feeds the readers of files from outside with made-up bytes, each for FUZZ_SECONDS; needs clang++.
FUZZ_SECONDS ?= 60
fuzz:
	@command -v clang++ >/dev/null || { echo "make fuzz needs clang++; run: apt-get install clang" >&2; exit 1; }
	cmake --preset fuzz
	cmake --build --preset fuzz
	for target in tokenizer_json safetensors config byte_level; do \
	  mkdir -p build/fuzz/corpus/$$target && \
	  build/fuzz/fuzz/fuzz_$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -print_final_stats=1 \
	    -artifact_prefix=build/fuzz/$$target- build/fuzz/corpus/$$target fuzz/corpus/$$target || exit 1; \
	done

format:
	git ls-files '*.h' '*.cc' | xargs clang-format -i

lint: build
	git ls-files 'heddle/*.cc' 'app/*.cc' | xargs clang-tidy -p build --quiet

clean:
	rm -rf build
