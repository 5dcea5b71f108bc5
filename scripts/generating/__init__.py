"""What is made from the code, so that it cannot say anything else: completions, the manual page, the reference."""
