# expect 2:6-2:7 Unexpected comma after argument
a = 1,
b = 2
