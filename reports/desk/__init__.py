"""Pages of the officer's desk: frames, labels, style and script. What is on them is asked by `serving.desk`."""
