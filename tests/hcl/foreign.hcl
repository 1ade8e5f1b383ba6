# expect 10:5-10:6 Invalid character
# expect 10:5-10:6 Invalid expression
# expect 11:5-11:6 Invalid character
# expect 12:6-12:7 Invalid character
# expect 13:7-13:8 Unsupported operator
# expect 14:7-14:8 Unsupported operator
# expect 14:9-14:10 Invalid character
# expect 14:11-14:12 Invalid character

a = 'x'
b = `x`
c = 1; d = 2
e = a & b
f = a | “b”
