"""Who may do what: roles and scopes, sessions, tokens, second factors, and the guard before every route."""
