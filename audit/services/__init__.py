"""What oversight writes: events by announcement, security events, runs of jobs, deployments."""
