"""The rehearsal engine: a loopback service that speaks Google's Interactions protocol at no cost.

It renders animatics, never AI results. `server` puts the service together: `door` lets callers in,
`api`, `uploads` and `downloads` answer them, `interactions` runs what they asked for, `vault`
keeps it, and `faults` are the failures that can be practised.

`worker` runs `renderer` in a child process, the only part that needs numpy, Pillow and PyAV: `theme`
reads the words, `scene` composes `scenery` (or `photo` the user's pictures), `overlay` writes on it.
"""
