"""Events with their sessions, presenters, badges, exhibits, leads, devices and files."""
