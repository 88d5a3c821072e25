"""What MediaForge's speed is measured with: libraries and catalogues of any size, peers, one table."""
