"""What all platforms share on the way out: taking notices, pacing them, mail, and the operators' channels."""
