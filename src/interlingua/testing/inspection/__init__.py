"""The command `interlingua faults`: whether a gateway survives the faults of the wall."""
