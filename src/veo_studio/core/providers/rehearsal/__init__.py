"""The rehearsal engine: a loopback service that speaks Google's Interactions protocol at no cost.

It renders animatics, never AI results. `server` holds the service, `faults` the failures that can be
practised; everything below `worker` runs in a child process and is the only part that needs
numpy, Pillow and PyAV.
"""
