"""kind = "faraday": rotation measures along rays through patches of a field, and the depolarization they make."""
