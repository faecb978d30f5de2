"""The outside world behind the ports: AWS services, systems of record, policy engine, clock."""
