"""PURE: money, sizes, cycles, what counts against a cap, forecasts, and our figures beside the ISP's."""
