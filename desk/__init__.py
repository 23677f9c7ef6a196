"""Pages for the people who run one event, in the admin: its programme, files, badges, leads and imports."""
