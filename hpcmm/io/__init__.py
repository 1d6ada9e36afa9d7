"""Files that runs read and write, and what is printed on a terminal."""
