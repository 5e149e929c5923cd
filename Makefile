# Short names for what one does here; CMakePresets.json has the builds themselves.
.PHONY: build demo test test-asan bench format lint clean

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

format:
	git ls-files '*.h' '*.cc' | xargs clang-format -i

lint: build
	git ls-files 'heddle/*.cc' 'app/*.cc' | xargs clang-tidy -p build --quiet

clean:
	rm -rf build
