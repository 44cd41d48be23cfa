"""Speed and memory, as ratios against baselines that run beside them: ``python -m benchmarks``."""
