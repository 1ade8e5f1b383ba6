# expect 2:5-3:1 Invalid expression
a = 
b = 1
