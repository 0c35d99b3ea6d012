"""Sample deployments that run on one machine; they know the product only from outside."""
