"""From a finished clip to the places where it is shown: publishing, schedules, rules, deliveries."""
