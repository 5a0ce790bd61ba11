"""What contracts are worth: inputs checked, a model chosen, kernels called."""
