"""Templates of summaries: those that come with Parley lie here, one file each."""
