"""What holds for all tests."""

import hypothesis

if hypothesis.settings.get_current_profile_name() == "default":
    # How long an example takes says how busy the machine is; what hangs ends with pytest's own time-out.
    hypothesis.settings.register_profile("house", deadline=None)
    hypothesis.settings.load_profile("house")
