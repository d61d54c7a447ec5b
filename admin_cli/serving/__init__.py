"""What operators run Usher with: a systemd unit, Prometheus' rules and a Grafana dashboard. Data, in the wheel."""
