"""The API for agents: a server of the Model Context Protocol whose tools are calls of /v3/crud."""
