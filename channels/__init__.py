"""The edges where citizens and staff meet the service; a channel knows nothing but `message`."""
