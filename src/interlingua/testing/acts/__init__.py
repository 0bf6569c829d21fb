"""How the fault wall makes each fault, family by family: functions of a `Scene`, and rows that tell what they do."""
