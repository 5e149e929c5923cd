# Short names for what one does here; CMakePresets.json has the builds themselves.
.PHONY: deps build demo test test-tsan test-sanitized bench parity format-parity fuzz format lint clean
.NOTPARALLEL:

deps:
	tools/install_deps.sh

build: deps
	cmake --preset release
	cmake --build --preset release

# Learns dates and quantities from generated data, answers inputs it has never seen.
demo: build
	build/heddle demo data --out build/demo/data
	build/heddle train recipes/demo/dates.toml --out build/demo/run --overwrite --set data.dir=build/demo/data
	build/heddle demo report --model build/demo/run --data build/demo/data --out build/demo/report.html

# How often a test kills a training run; HEDDLE_KILLS=50 is the full measure.
export HEDDLE_KILLS ?= 6

# Every test twice: with the layers as they are in the program, and with the layers under the address and the
# undefined-behaviour sanitizer. The thread sanitizer first, so that the summary of the whole suite stands last.
test: test-tsan deps
	cmake --preset checked
	cmake --build --preset checked
	ctest --test-dir build --output-on-failure -j2

# Data races, in what uses threads.
test-tsan: deps
	cmake --preset tsan
	cmake --build --preset tsan --target tests
	ctest --test-dir build/tsan --output-on-failure -j2

# Memory errors and undefined behaviour in the tests' own code too, with the checks that `make test` leaves out to compile
# in half the time.
test-sanitized: deps
	cmake --preset sanitized
	cmake --build --preset sanitized --target tests
	HEDDLE_KILLS=2 ctest --test-dir build/sanitized --output-on-failure -j2

# Speed against peers: make bench [CASE=train-mt/d128]; results go to build/bench/results.jsonl.
bench: build
	bench/setup_peers.sh
	build/peers/venv/bin/python bench/run.py --case "$(CASE)"

# Ids and offsets of every kind of tokenizer against the library's, on a million random texts and the data folder: an hour, and a
# run that was stopped goes on where it was.
parity: build
	bench/setup_peers.sh
	build/peers/venv/bin/python tools/tokenizer_parity.py $(PARITY_OPTIONS)

# The same for files of SentencePiece and tiktoken.
format-parity: build
	bench/setup_peers.sh
	build/peers/venv/bin/python tools/format_parity.py $(PARITY_OPTIONS)

# Feeds the readers of files from outside with made-up bytes, each for FUZZ_SECONDS; needs clang 16.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(basename $(notdir $(wildcard fuzz/*.cc)))
fuzz:
	@command -v clang++-16 >/dev/null || { echo "make fuzz needs clang 16; run: apt-get install clang-16 libclang-rt-16-dev libomp-16-dev" >&2; exit 1; }
	cmake --preset fuzz
	cmake --build --preset fuzz
	for target in $(FUZZ_TARGETS); do \
	  mkdir -p build/fuzz/corpus/$$target && \
	  build/fuzz/fuzz/fuzz_$$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -print_final_stats=1 \
	    -artifact_prefix=build/fuzz/$$target- build/fuzz/corpus/$$target fuzz/corpus/$$target || exit 1; \
	done

format:
	git ls-files '*.h' '*.cc' | xargs clang-format -i

lint: deps
	tools/lint.sh

clean:
	rm -rf build
