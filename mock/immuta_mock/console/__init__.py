"""The page that shows and steers a mock in a browser: files that are shipped as they are written, with no build."""
