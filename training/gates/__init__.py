"""What a model must show before it may serve: dated gates, their measures, their verdicts."""
