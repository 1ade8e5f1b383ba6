resource "aws_iam_user" "ann" {
  name = "ann"
}

resource "aws_iam_user_ssh_key" "laptop" {
  username   = aws_iam_user.ann.name
  encoding   = "SSH"
  public_key = file("id_rsa.pub")
}

data "aws_iam_user_ssh_key" "example" {
  username          = aws_iam_user.ann.id
  ssh_public_key_id = aws_iam_user_ssh_key.laptop.ssh_public_key_id
  encoding          = "SSH"
}
