"""Speed and quality, measured by hand. `kuaihui bench` runs the speed benchmarks; docs/performance.md has the results."""
