a = 1 # expect 2:5-2:6 Invalid expression
b = }
