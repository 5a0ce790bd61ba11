"""Where secrets come from: the environment, credentials of the service, a file of one's own."""
