from autograd.value import Value
