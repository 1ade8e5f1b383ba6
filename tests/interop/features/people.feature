Feature: People and their roles

  Scenario: Each user is described
    Given I have aws_iam_user defined
    Then it must contain tags
    And it must contain description

  Scenario: Sessions of roles end after an hour
    Given I have aws_iam_role defined
    Then it must contain max_session_duration
    And its value must be 3600

  Scenario: A trust policy names its principals
    Given I have aws_iam_role defined
    When it contains assume_role_policy
    Then it must contain Statement
    And it must contain Principal

  Scenario: Attachments name a policy of this account
    Given I have aws_iam_user_policy_attachment defined
    Then it must contain user
