# expect 2:17-3:1 Invalid block definition
resource "a" "b"
{
}
