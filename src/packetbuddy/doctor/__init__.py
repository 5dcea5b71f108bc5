"""What is wrong with an installation, and what to do about it: facts are gathered, judged, told. Changes nothing."""
