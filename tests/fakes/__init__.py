"""Our own protocols, implemented with knobs and counters."""
