"""The official account: WeChat's pushes in, answers out, by WeChat's rules."""
