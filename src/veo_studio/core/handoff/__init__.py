"""Films for other programs: OpenTimelineIO, FCPXML, Final Cut Pro 7 XML and EDL."""
