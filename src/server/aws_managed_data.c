/* SPDX-License-Identifier: Apache-2.0 */
#include "server/aws_managed_int.h"

/* In the spirit of AWS's own texts: what each lets through, shortened where those list hundreds. */
const struct managed aws_managed_data[] = {
    {STR("AWSBatchServiceRole"), STR("/service-role/"),
     STR("Policy for AWS Batch service role which allows access to related services including "
         "EC2, Autoscaling, EC2 Container service and Cloudwatch Logs."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:Describe"
         "*\",\"ec2:RunInstances\",\"ec2:TerminateInstances\",\"autoscaling:*\",\"ecs:*\",\"iam:Pa"
         "ssRole\",\"logs:*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSBillingReadOnlyAccess"), STR("/"),
     STR("Allows users to view bills on the Billing Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"billing:Get*"
         "\",\"billing:List*\",\"ce:Describe*\",\"ce:Get*\",\"ce:List*\",\"cur:Get*\"],\"Resource\":\""
         "*\"}]}")},
    {STR("AWSBudgetsReadOnlyAccess"), STR("/"),
     STR("Provides read only access to AWS Budgets Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"budgets:View"
         "Budget\",\"budgets:Describe*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSCloudFormationFullAccess"), STR("/"),
     STR("Provides full access to CloudFormation via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudformati"
         "on:*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSCloudFormationReadOnlyAccess"), STR("/"),
     STR("Provides read only access to CloudFormation."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudformati"
         "on:Describe*\",\"cloudformation:List*\",\"cloudformation:Get*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSCloudTrail_ReadOnlyAccess"), STR("/"),
     STR("Provides read only access to AWS CloudTrail."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudtrail:D"
         "escribe*\",\"cloudtrail:Get*\",\"cloudtrail:List*\",\"cloudtrail:LookupEvents\"],\"Res"
         "ource\":\"*\"}]}")},
    {STR("AWSCodeBuildAdminAccess"), STR("/"),
     STR("Provides full access to CodeBuild via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"codebuild:*\""
         ",\"logs:GetLogEvents\"],\"Resource\":\"*\"}]}")},
    {STR("AWSCodeCommitFullAccess"), STR("/"),
     STR("Provides full access to CodeCommit via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"codecommit:*"
         "\"],\"Resource\":\"*\"}]}")},
    {STR("AWSCodeDeployRole"), STR("/service-role/"),
     STR("Provides CodeDeploy service access to expand tags and interact with Auto Scaling on "
         "your behalf."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"autoscaling:"
         "*\",\"ec2:DescribeInstances\",\"ec2:DescribeInstanceStatus\",\"ec2:TerminateInstance"
         "s\",\"tag:GetResources\",\"sns:Publish\",\"cloudwatch:DescribeAlarms\",\"elasticloadba"
         "lancing:*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSCompromisedKeyQuarantineV2"), STR("/"),
     STR("Denies access to certain actions, applied by AWS in the event that an IAM user's "
         "credentials have been compromised or exposed publicly."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":[\"iam:AddUserTo"
         "Group\",\"iam:AttachGroupPolicy\",\"iam:AttachRolePolicy\",\"iam:AttachUserPolicy\",\""
         "iam:ChangePassword\",\"iam:CreateAccessKey\",\"iam:CreateInstanceProfile\",\"iam:Cre"
         "ateLoginProfile\",\"iam:CreatePolicyVersion\",\"iam:CreateRole\",\"iam:CreateUser\",\""
         "iam:DetachUserPolicy\",\"iam:PutUserPermissionsBoundary\",\"iam:PutUserPolicy\",\"ia"
         "m:SetDefaultPolicyVersion\",\"iam:UpdateAccessKey\",\"iam:UpdateAccountPasswordPol"
         "icy\",\"iam:UpdateAssumeRolePolicy\",\"iam:UpdateLoginProfile\",\"iam:UpdateUser\",\"e"
         "c2:RequestSpotInstances\",\"ec2:RunInstances\",\"lambda:CreateFunction\",\"organizat"
         "ions:CreateAccount\"],\"Resource\":[\"*\"]}]}")},
    {STR("AWSDenyAll"), STR("/"), STR("Deny all access."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"DenyAll\",\"Effect\":\"Deny\",\"Action\""
         ":[\"*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSDirectConnectReadOnlyAccess"), STR("/"),
     STR("Provides read only access to AWS Direct Connect."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"directconnec"
         "t:Describe*\",\"directconnect:List*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSGlueConsoleFullAccess"), STR("/"),
     STR("Provides full access to Glue via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"glue:*\"],\"Re"
         "source\":\"*\"}]}")},
    {STR("AWSGlueServiceRole"), STR("/service-role/"),
     STR("Policy for AWS Glue service role which allows access to related services including "
         "EC2, S3, and Cloudwatch Logs."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"glue:*\",\"s3:"
         "GetBucketLocation\",\"s3:ListBucket\",\"s3:ListAllMyBuckets\",\"s3:GetBucketAcl\",\"ec"
         "2:Describe*\",\"iam:ListRolePolicies\",\"iam:GetRole\",\"iam:GetRolePolicy\",\"cloudwa"
         "tch:PutMetricData\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":[\"logs:CreateLo"
         "gGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\"],\"Resource\":[\"arn:aws:logs:"
         "*:*:*:/aws-glue/*\"]}]}")},
    {STR("AWSKeyManagementServicePowerUser"), STR("/"),
     STR("Provides full access to KMS via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"kms:CreateAl"
         "ias\",\"kms:CreateKey\",\"kms:DeleteAlias\",\"kms:Describe*\",\"kms:GenerateRandom\",\"k"
         "ms:Get*\",\"kms:List*\",\"kms:TagResource\",\"kms:UntagResource\",\"iam:ListGroups\",\"i"
         "am:ListRoles\",\"iam:ListUsers\"],\"Resource\":\"*\"}]}")},
    {STR("AWSLambdaBasicExecutionRole"), STR("/service-role/"),
     STR("Provides write permissions to CloudWatch Logs."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"logs:CreateL"
         "ogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\"],\"Resource\":\"*\"}]}")},
    {STR("AWSLambdaDynamoDBExecutionRole"), STR("/service-role/"),
     STR("Provides list and read access to DynamoDB streams and write permissions to "
         "CloudWatch logs."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"dynamodb:Des"
         "cribeStream\",\"dynamodb:GetRecords\",\"dynamodb:GetShardIterator\",\"dynamodb:ListS"
         "treams\",\"logs:CreateLogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\"],\"Res"
         "ource\":\"*\"}]}")},
    {STR("AWSLambdaENIManagementAccess"), STR("/service-role/"),
     STR("Provides minimum permissions for a Lambda function to manage ENIs used by a VPC-"
         "enabled Lambda function."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:CreateNe"
         "tworkInterface\",\"ec2:DescribeNetworkInterfaces\",\"ec2:DescribeSubnets\",\"ec2:Del"
         "eteNetworkInterface\",\"ec2:AssignPrivateIpAddresses\",\"ec2:UnassignPrivateIpAddr"
         "esses\"],\"Resource\":\"*\"}]}")},
    {STR("AWSLambdaKinesisExecutionRole"), STR("/service-role/"),
     STR("Provides list and read access to Kinesis streams and write permissions to CloudWatch"
         " logs."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"kinesis:Desc"
         "ribeStream\",\"kinesis:DescribeStreamSummary\",\"kinesis:GetRecords\",\"kinesis:GetS"
         "hardIterator\",\"kinesis:ListShards\",\"kinesis:ListStreams\",\"kinesis:SubscribeToS"
         "hard\",\"logs:CreateLogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\"],\"Resou"
         "rce\":\"*\"}]}")},
    {STR("AWSLambdaRole"), STR("/service-role/"),
     STR("Default policy for AWS Lambda service role."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"lambda:Invok"
         "eFunction\"],\"Resource\":[\"*\"]}]}")},
    {STR("AWSLambdaSQSQueueExecutionRole"), STR("/service-role/"),
     STR("Provides receive message, delete message, and read attribute access to SQS queues, "
         "and write permissions to CloudWatch logs."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sqs:ReceiveM"
         "essage\",\"sqs:DeleteMessage\",\"sqs:GetQueueAttributes\",\"logs:CreateLogGroup\",\"lo"
         "gs:CreateLogStream\",\"logs:PutLogEvents\"],\"Resource\":\"*\"}]}")},
    {STR("AWSLambdaVPCAccessExecutionRole"), STR("/service-role/"),
     STR("Provides minimum permissions for a Lambda function to execute while accessing a "
         "resource within a VPC."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"logs:CreateL"
         "ogGroup\",\"logs:CreateLogStream\",\"logs:PutLogEvents\",\"ec2:CreateNetworkInterfac"
         "e\",\"ec2:DescribeNetworkInterfaces\",\"ec2:DescribeSubnets\",\"ec2:DeleteNetworkInt"
         "erface\",\"ec2:AssignPrivateIpAddresses\",\"ec2:UnassignPrivateIpAddresses\"],\"Reso"
         "urce\":\"*\"}]}")},
    {STR("AWSLambda_FullAccess"), STR("/"),
     STR("Provides full access to Lambda via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"lambda:*\",\"l"
         "ogs:*\",\"cloudformation:Describe*\",\"iam:PassRole\"],\"Resource\":\"*\"}]}")},
    {STR("AWSLambda_ReadOnlyAccess"), STR("/"), STR("Provides read only access to Lambda."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"lambda:Get*\""
         ",\"lambda:List*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSOrganizationsFullAccess"), STR("/"), STR("Provides full access to AWS Organizations."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"organization"
         "s:*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSOrganizationsReadOnlyAccess"), STR("/"),
     STR("Provides read only access to AWS Organizations."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"organization"
         "s:Describe*\",\"organizations:List*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSSupportAccess"), STR("/"), STR("Allows users to access the AWS Support Center."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"support:*\",\""
         "supportplans:*\"],\"Resource\":\"*\"}]}")},
    {STR("AWSXRayDaemonWriteAccess"), STR("/"),
     STR("Allow the AWS X-Ray Daemon to relay raw trace segments data to the service's API."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"xray:PutTrac"
         "eSegments\",\"xray:PutTelemetryRecords\",\"xray:GetSamplingRules\",\"xray:GetSamplin"
         "gTargets\",\"xray:GetSamplingStatisticSummaries\"],\"Resource\":\"*\"}]}")},
    {STR("AWS_ConfigRole"), STR("/service-role/"),
     STR("Default policy for AWS Config service role."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"access-analy"
         "zer:Get*\",\"access-analyzer:List*\",\"acm:Describe*\",\"acm:List*\",\"cloudtrail:Desc"
         "ribe*\",\"cloudtrail:Get*\",\"cloudtrail:List*\",\"cloudtrail:LookupEvents\",\"cloudwa"
         "tch:Describe*\",\"cloudwatch:Get*\",\"cloudwatch:List*\",\"config:BatchGet*\",\"config"
         ":Describe*\",\"config:Get*\",\"config:List*\",\"ec2:Describe*\",\"ec2:Get*\",\"guardduty"
         ":Get*\",\"guardduty:List*\",\"iam:Generate*\",\"iam:Get*\",\"iam:List*\",\"iam:Simulate*"
         "\",\"kms:Describe*\",\"kms:Get*\",\"kms:List*\",\"lambda:GetPolicy\",\"lambda:List*\",\"lo"
         "gs:Describe*\",\"organizations:Describe*\",\"organizations:List*\",\"rds:Describe*\","
         "\"s3:GetAccountPublicAccessBlock\",\"s3:GetBucket*\",\"s3:GetEncryptionConfiguratio"
         "n\",\"s3:ListAllMyBuckets\",\"secretsmanager:GetResourcePolicy\",\"secretsmanager:Li"
         "st*\",\"securityhub:Get*\",\"securityhub:List*\",\"sns:GetTopicAttributes\",\"sns:List"
         "*\",\"sqs:GetQueueAttributes\",\"sqs:List*\",\"ssm:Describe*\",\"ssm:List*\"],\"Resource"
         "\":\"*\"}]}")},
    {STR("AdministratorAccess"), STR("/"),
     STR("Provides full access to AWS services and resources."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\""
         ":\"*\"}]}")},
    {STR("AmazonAPIGatewayAdministrator"), STR("/"),
     STR("Provides full access to API Gateway via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"apigateway:*"
         "\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonAPIGatewayPushToCloudWatchLogs"), STR("/service-role/"),
     STR("Allows API Gateway to push logs to user's account."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"logs:CreateL"
         "ogGroup\",\"logs:CreateLogStream\",\"logs:DescribeLogGroups\",\"logs:DescribeLogStre"
         "ams\",\"logs:PutLogEvents\",\"logs:GetLogEvents\",\"logs:FilterLogEvents\"],\"Resource"
         "\":\"*\"}]}")},
    {STR("AmazonAthenaFullAccess"), STR("/"),
     STR("Provides full access to Athena via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"athena:*\",\"g"
         "lue:Get*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonDynamoDBFullAccess"), STR("/"),
     STR("Provides full access to DynamoDB via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"dynamodb:*\","
         "\"dax:*\",\"application-autoscaling:*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonDynamoDBReadOnlyAccess"), STR("/"), STR("Provides read only access to DynamoDB."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"dynamodb:Bat"
         "chGetItem\",\"dynamodb:Describe*\",\"dynamodb:List*\",\"dynamodb:GetItem\",\"dynamodb:"
         "Query\",\"dynamodb:Scan\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEBSCSIDriverPolicy"), STR("/service-role/"),
     STR("IAM Policy that allows the CSI driver service account to make calls to related "
         "services such as EC2 on your behalf."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:CreateSn"
         "apshot\",\"ec2:AttachVolume\",\"ec2:DetachVolume\",\"ec2:ModifyVolume\",\"ec2:Describe"
         "AvailabilityZones\",\"ec2:DescribeInstances\",\"ec2:DescribeSnapshots\",\"ec2:Descri"
         "beTags\",\"ec2:DescribeVolumes\",\"ec2:CreateVolume\",\"ec2:DeleteVolume\",\"ec2:Creat"
         "eTags\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEC2ContainerRegistryFullAccess"), STR("/"),
     STR("Provides full access to ECR via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ecr:*\"],\"Res"
         "ource\":\"*\"}]}")},
    {STR("AmazonEC2ContainerRegistryPowerUser"), STR("/"),
     STR("Provides full access to Amazon EC2 Container Registry repositories, but does not "
         "allow repository deletion or policy changes."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ecr:GetAutho"
         "rizationToken\",\"ecr:BatchCheckLayerAvailability\",\"ecr:GetDownloadUrlForLayer\","
         "\"ecr:GetRepositoryPolicy\",\"ecr:DescribeRepositories\",\"ecr:ListImages\",\"ecr:Des"
         "cribeImages\",\"ecr:BatchGetImage\",\"ecr:InitiateLayerUpload\",\"ecr:UploadLayerPar"
         "t\",\"ecr:CompleteLayerUpload\",\"ecr:PutImage\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEC2ContainerRegistryReadOnly"), STR("/"), STR("Provides read only access to ECR."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ecr:GetAutho"
         "rizationToken\",\"ecr:BatchCheckLayerAvailability\",\"ecr:GetDownloadUrlForLayer\","
         "\"ecr:BatchGetImage\",\"ecr:Describe*\",\"ecr:List*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEC2ContainerServiceAutoscaleRole"), STR("/service-role/"),
     STR("Policy to enable Task Autoscaling for Amazon EC2 Container Service."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ecs:Describe"
         "Services\",\"ecs:UpdateService\",\"cloudwatch:DescribeAlarms\",\"cloudwatch:PutMetri"
         "cAlarm\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEC2ContainerServiceforEC2Role"), STR("/service-role/"),
     STR("Default policy for the Amazon EC2 Role for Amazon EC2 Container Service."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:Describe"
         "Tags\",\"ecs:CreateCluster\",\"ecs:DeregisterContainerInstance\",\"ecs:DiscoverPollE"
         "ndpoint\",\"ecs:Poll\",\"ecs:RegisterContainerInstance\",\"ecs:StartTelemetrySession"
         "\",\"ecs:UpdateContainerInstancesState\",\"ecs:Submit*\",\"ecr:GetAuthorizationToken"
         "\",\"ecr:BatchCheckLayerAvailability\",\"ecr:GetDownloadUrlForLayer\",\"ecr:BatchGet"
         "Image\",\"logs:CreateLogStream\",\"logs:PutLogEvents\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEC2FullAccess"), STR("/"),
     STR("Provides full access to EC2 via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:*\",\"elas"
         "ticloadbalancing:*\",\"cloudwatch:*\",\"autoscaling:*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEC2ReadOnlyAccess"), STR("/"), STR("Provides read only access to EC2."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:Describe"
         "*\",\"ec2:GetSecurityGroupsForVpc\",\"elasticloadbalancing:Describe*\",\"cloudwatch:"
         "ListMetrics\",\"cloudwatch:GetMetricStatistics\",\"cloudwatch:Describe*\",\"autoscal"
         "ing:Describe*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEC2RoleforSSM"), STR("/service-role/"),
     STR("Default policy for the Amazon EC2 Role for Simple Systems Manager."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ssm:*\",\"ssmm"
         "essages:*\",\"ec2messages:*\",\"cloudwatch:PutMetricData\",\"ec2:DescribeInstanceSta"
         "tus\",\"logs:*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonECSTaskExecutionRolePolicy"), STR("/service-role/"),
     STR("Provides access to other AWS service resources that are required to run Amazon ECS "
         "tasks."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ecr:GetAutho"
         "rizationToken\",\"ecr:BatchCheckLayerAvailability\",\"ecr:GetDownloadUrlForLayer\","
         "\"ecr:BatchGetImage\",\"logs:CreateLogStream\",\"logs:PutLogEvents\"],\"Resource\":\"*\""
         "}]}")},
    {STR("AmazonECS_FullAccess"), STR("/"),
     STR("Provides full access to ECS via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ecs:*\",\"ecr:"
         "*\",\"elasticloadbalancing:*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEKSClusterPolicy"), STR("/"),
     STR("This policy provides Kubernetes the permissions it requires to manage resources on "
         "your behalf."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"autoscaling:"
         "*\",\"ec2:*\",\"elasticloadbalancing:*\",\"kms:DescribeKey\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonEKSServicePolicy"), STR("/"),
     STR("This policy allows Amazon Elastic Container Service for Kubernetes to create and "
         "manage the necessary resources to operate EKS Clusters."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:*Network"
         "Interface*\",\"ec2:Describe*\",\"logs:*\",\"route53:AssociateVPCWithHostedZone\"],\"Re"
         "source\":\"*\"}]}")},
    {STR("AmazonEKSWorkerNodePolicy"), STR("/"),
     STR("This policy allows Amazon EKS worker nodes to connect to Amazon EKS Clusters."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:Describe"
         "*\",\"eks:DescribeCluster\",\"eks-auth:AssumeRoleForPodIdentity\"],\"Resource\":\"*\"}]"
         "}")},
    {STR("AmazonEKS_CNI_Policy"), STR("/"),
     STR("This policy provides the Amazon VPC CNI Plugin the permissions it requires to modify"
         " the IP address configuration on your EKS worker nodes."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:CreateNe"
         "tworkInterface\",\"ec2:DescribeNetworkInterfaces\",\"ec2:DescribeSubnets\",\"ec2:Del"
         "eteNetworkInterface\",\"ec2:AssignPrivateIpAddresses\",\"ec2:UnassignPrivateIpAddr"
         "esses\",\"ec2:AttachNetworkInterface\",\"ec2:DetachNetworkInterface\",\"ec2:Describe"
         "Tags\",\"ec2:DescribeInstances\",\"ec2:DescribeInstanceTypes\",\"ec2:ModifyNetworkIn"
         "terfaceAttribute\",\"ec2:CreateTags\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonElastiCacheFullAccess"), STR("/"),
     STR("Provides full access to ElastiCache via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"elasticache:"
         "*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonKinesisFullAccess"), STR("/"),
     STR("Provides full access to Kinesis via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"kinesis:*\"],"
         "\"Resource\":\"*\"}]}")},
    {STR("AmazonRDSEnhancedMonitoringRole"), STR("/service-role/"),
     STR("Provides access to Cloudwatch for RDS Enhanced Monitoring."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"logs:CreateL"
         "ogGroup\",\"logs:PutRetentionPolicy\"],\"Resource\":[\"arn:aws:logs:*:*:log-group:RD"
         "S*\"]},{\"Effect\":\"Allow\",\"Action\":[\"logs:CreateLogStream\",\"logs:PutLogEvents\",\""
         "logs:DescribeLogStreams\",\"logs:GetLogEvents\"],\"Resource\":[\"arn:aws:logs:*:*:lo"
         "g-group:RDS*:log-stream:*\"]}]}")},
    {STR("AmazonRDSFullAccess"), STR("/"),
     STR("Provides full access to RDS via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"rds:*\"],\"Res"
         "ource\":\"*\"}]}")},
    {STR("AmazonRDSReadOnlyAccess"), STR("/"), STR("Provides read only access to RDS."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"rds:Describe"
         "*\",\"rds:ListTagsForResource\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonRedshiftFullAccess"), STR("/"),
     STR("Provides full access to Redshift via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"redshift:*\"]"
         ",\"Resource\":\"*\"}]}")},
    {STR("AmazonRoute53FullAccess"), STR("/"),
     STR("Provides full access to Route 53 via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"route53:*\",\""
         "route53domains:*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonRoute53ReadOnlyAccess"), STR("/"), STR("Provides read only access to Route 53."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"route53:Get*"
         "\",\"route53:List*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonS3FullAccess"), STR("/"),
     STR("Provides full access to S3 via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:*\",\"s3-ob"
         "ject-lambda:*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonS3ReadOnlyAccess"), STR("/"), STR("Provides read only access to S3."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\",\"s3"
         ":List*\",\"s3:Describe*\",\"s3-object-lambda:Get*\",\"s3-object-lambda:List*\"],\"Reso"
         "urce\":\"*\"}]}")},
    {STR("AmazonSNSFullAccess"), STR("/"),
     STR("Provides full access to SNS via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sns:*\"],\"Res"
         "ource\":\"*\"}]}")},
    {STR("AmazonSNSReadOnlyAccess"), STR("/"), STR("Provides read only access to SNS."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sns:GetTopic"
         "Attributes\",\"sns:List*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonSQSFullAccess"), STR("/"),
     STR("Provides full access to SQS via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sqs:*\"],\"Res"
         "ource\":\"*\"}]}")},
    {STR("AmazonSQSReadOnlyAccess"), STR("/"), STR("Provides read only access to SQS."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sqs:GetQueue"
         "Attributes\",\"sqs:GetQueueUrl\",\"sqs:ListDeadLetterSourceQueues\",\"sqs:ListQueues"
         "\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonSSMFullAccess"), STR("/"),
     STR("Provides full access to SSM via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ssm:*\",\"ec2:"
         "DescribeInstanceStatus\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonSSMManagedInstanceCore"), STR("/"),
     STR("The policy for Amazon EC2 Role to enable AWS Systems Manager service core "
         "functionality."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ssm:Describe"
         "Association\",\"ssm:GetDeployablePatchSnapshotForInstance\",\"ssm:GetDocument\",\"ss"
         "m:DescribeDocument\",\"ssm:GetManifest\",\"ssm:GetParameter\",\"ssm:GetParameters\",\""
         "ssm:ListAssociations\",\"ssm:ListInstanceAssociations\",\"ssm:PutInventory\",\"ssm:P"
         "utComplianceItems\",\"ssm:PutConfigurePackageResult\",\"ssm:UpdateAssociationStatu"
         "s\",\"ssm:UpdateInstanceAssociationStatus\",\"ssm:UpdateInstanceInformation\",\"ssmm"
         "essages:*\",\"ec2messages:*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonSSMReadOnlyAccess"), STR("/"), STR("Provides read only access to SSM."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ssm:Describe"
         "*\",\"ssm:Get*\",\"ssm:List*\"],\"Resource\":\"*\"}]}")},
    {STR("AmazonSageMakerFullAccess"), STR("/"),
     STR("Provides full access to SageMaker via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sagemaker:*\""
         "],\"Resource\":\"*\"}]}")},
    {STR("AmazonVPCFullAccess"), STR("/"),
     STR("Provides full access to VPC via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:*Vpc*\",\""
         "ec2:*Subnet*\",\"ec2:*RouteTable*\",\"ec2:*SecurityGroup*\",\"ec2:Describe*\"],\"Resou"
         "rce\":\"*\"}]}")},
    {STR("AmazonVPCReadOnlyAccess"), STR("/"), STR("Provides read only access to VPC."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"ec2:Describe"
         "*\"],\"Resource\":\"*\"}]}")},
    {STR("Billing"), STR("/job-function/"),
     STR("Grants permissions for billing and cost management."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"account:GetA"
         "ccountInformation\",\"aws-portal:*Billing\",\"aws-portal:*PaymentMethods\",\"aws-por"
         "tal:*Usage\",\"awsbillingconsole:*\",\"billing:*\",\"budgets:*\",\"ce:*\",\"cur:*\",\"free"
         "tier:Get*\",\"invoicing:*\",\"payments:*\",\"purchase-orders:*\",\"tax:*\"],\"Resource\":"
         "\"*\"}]}")},
    {STR("CloudFrontFullAccess"), STR("/"),
     STR("Provides full access to CloudFront via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudfront:*"
         "\",\"acm:ListCertificates\",\"s3:ListAllMyBuckets\"],\"Resource\":\"*\"}]}")},
    {STR("CloudWatchAgentServerPolicy"), STR("/"),
     STR("Permissions required to use AmazonCloudWatchAgent on servers."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudwatch:P"
         "utMetricData\",\"ec2:DescribeVolumes\",\"ec2:DescribeTags\",\"logs:PutLogEvents\",\"lo"
         "gs:PutRetentionPolicy\",\"logs:DescribeLogStreams\",\"logs:DescribeLogGroups\",\"log"
         "s:CreateLogStream\",\"logs:CreateLogGroup\",\"xray:PutTraceSegments\",\"xray:PutTele"
         "metryRecords\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":[\"ssm:GetParameter\"]"
         ",\"Resource\":\"arn:aws:ssm:*:*:parameter/AmazonCloudWatch-*\"}]}")},
    {STR("CloudWatchFullAccess"), STR("/"),
     STR("Provides full access to CloudWatch via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudwatch:*"
         "\",\"logs:*\",\"sns:*\",\"autoscaling:Describe*\"],\"Resource\":\"*\"}]}")},
    {STR("CloudWatchLogsFullAccess"), STR("/"),
     STR("Provides full access to CloudWatch Logs via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"logs:*\",\"clo"
         "udwatch:GenerateQuery\"],\"Resource\":\"*\"}]}")},
    {STR("CloudWatchLogsReadOnlyAccess"), STR("/"),
     STR("Provides read only access to CloudWatch Logs."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"logs:Describ"
         "e*\",\"logs:Get*\",\"logs:List*\",\"logs:StartQuery\",\"logs:StopQuery\",\"logs:TestMetr"
         "icFilter\",\"logs:FilterLogEvents\"],\"Resource\":\"*\"}]}")},
    {STR("CloudWatchReadOnlyAccess"), STR("/"), STR("Provides read only access to CloudWatch."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudwatch:D"
         "escribe*\",\"cloudwatch:Get*\",\"cloudwatch:List*\",\"logs:Get*\",\"logs:Describe*\",\"a"
         "utoscaling:Describe*\"],\"Resource\":\"*\"}]}")},
    {STR("DataScientist"), STR("/job-function/"),
     STR("Grants permissions to AWS data analytics services."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"athena:*\",\"a"
         "utoscaling:*\",\"cloudwatch:*\",\"dynamodb:*\",\"ec2:Describe*\",\"elasticmapreduce:*\""
         ",\"glue:*\",\"iam:GetRole\",\"iam:ListRoles\",\"kinesis:*\",\"machinelearning:*\",\"redsh"
         "ift:*\",\"s3:*\",\"sagemaker:*\",\"sns:*\"],\"Resource\":\"*\"}]}")},
    {STR("DatabaseAdministrator"), STR("/job-function/"),
     STR("Grants full access permissions to AWS services and actions required to set up and "
         "configure AWS database services."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"cloudwatch:*"
         "\",\"dynamodb:*\",\"ec2:Describe*\",\"elasticache:*\",\"iam:ListRoles\",\"iam:GetRole\",\""
         "kms:ListKeys\",\"logs:*\",\"rds:*\",\"redshift:*\",\"s3:Get*\",\"s3:List*\",\"sns:*\"],\"Res"
         "ource\":\"*\"}]}")},
    {STR("IAMAccessAnalyzerReadOnlyAccess"), STR("/"),
     STR("Provides read only access to IAM Access Analyzer."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"access-analy"
         "zer:Get*\",\"access-analyzer:List*\"],\"Resource\":\"*\"}]}")},
    {STR("IAMFullAccess"), STR("/"),
     STR("Provides full access to IAM via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"iam:*\",\"orga"
         "nizations:DescribeAccount\",\"organizations:DescribeOrganization\",\"organizations"
         ":DescribeOrganizationalUnit\",\"organizations:DescribePolicy\",\"organizations:Lis"
         "tChildren\",\"organizations:ListParents\",\"organizations:ListPoliciesForTarget\",\""
         "organizations:ListRoots\",\"organizations:ListPolicies\",\"organizations:ListTarge"
         "tsForPolicy\"],\"Resource\":\"*\"}]}")},
    {STR("IAMReadOnlyAccess"), STR("/"), STR("Provides read only access to IAM."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"iam:Generate"
         "CredentialReport\",\"iam:GenerateServiceLastAccessedDetails\",\"iam:Get*\",\"iam:Lis"
         "t*\",\"iam:SimulateCustomPolicy\",\"iam:SimulatePrincipalPolicy\"],\"Resource\":\"*\"}]"
         "}")},
    {STR("IAMSelfManageServiceSpecificCredentials"), STR("/"),
     STR("Allows an IAM user to manage their own Service Specific Credentials."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"iam:CreateSe"
         "rviceSpecificCredential\",\"iam:ListServiceSpecificCredentials\",\"iam:UpdateServi"
         "ceSpecificCredential\",\"iam:DeleteServiceSpecificCredential\",\"iam:ResetServiceS"
         "pecificCredential\"],\"Resource\":\"arn:aws:iam::*:user/${aws:username}\"}]}")},
    {STR("IAMUserChangePassword"), STR("/"),
     STR("Provides the ability for an IAM user to change their own password."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"iam:ChangePa"
         "ssword\"],\"Resource\":[\"arn:aws:iam::*:user/${aws:username}\"]},{\"Effect\":\"Allow\""
         ",\"Action\":[\"iam:GetAccountPasswordPolicy\"],\"Resource\":\"*\"}]}")},
    {STR("IAMUserSSHKeys"), STR("/"),
     STR("Provides the ability for an IAM user to manage their own SSH keys."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"iam:DeleteSS"
         "HPublicKey\",\"iam:GetSSHPublicKey\",\"iam:ListSSHPublicKeys\",\"iam:UpdateSSHPublic"
         "Key\",\"iam:UploadSSHPublicKey\"],\"Resource\":\"arn:aws:iam::*:user/${aws:username}"
         "\"}]}")},
    {STR("NetworkAdministrator"), STR("/job-function/"),
     STR("Grants full access permissions to AWS services and actions required to set up and "
         "configure AWS network resources."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"autoscaling:"
         "Describe*\",\"cloudfront:ListDistributions\",\"cloudwatch:*\",\"directconnect:*\",\"ec"
         "2:*Address*\",\"ec2:*Gateway*\",\"ec2:*Network*\",\"ec2:*Route*\",\"ec2:*Subnet*\",\"ec2"
         ":*Vpc*\",\"ec2:*Vpn*\",\"ec2:Describe*\",\"elasticloadbalancing:*\",\"logs:Describe*\","
         "\"route53:*\",\"sns:*\"],\"Resource\":\"*\"}]}")},
    {STR("PowerUserAccess"), STR("/"),
     STR("Provides full access to AWS services and resources, but does not allow management of"
         " Users and groups."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"NotAction\":[\"iam:*\",\"o"
         "rganizations:*\",\"account:*\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Action\":[\"acco"
         "unt:GetAccountInformation\",\"account:GetPrimaryEmail\",\"account:ListRegions\",\"ia"
         "m:CreateServiceLinkedRole\",\"iam:DeleteServiceLinkedRole\",\"iam:ListRoles\",\"orga"
         "nizations:DescribeOrganization\"],\"Resource\":\"*\"}]}")},
    {STR("ReadOnlyAccess"), STR("/"),
     STR("Provides read-only access to AWS services and resources."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"access-analy"
         "zer:Get*\",\"access-analyzer:List*\",\"acm:Describe*\",\"acm:Get*\",\"acm:List*\",\"apig"
         "ateway:GET\",\"application-autoscaling:Describe*\",\"athena:Get*\",\"athena:List*\",\""
         "autoscaling:Describe*\",\"cloudformation:Describe*\",\"cloudformation:Get*\",\"cloud"
         "formation:List*\",\"cloudfront:Get*\",\"cloudfront:List*\",\"cloudtrail:Describe*\",\""
         "cloudtrail:Get*\",\"cloudtrail:List*\",\"cloudtrail:LookupEvents\",\"cloudwatch:Desc"
         "ribe*\",\"cloudwatch:Get*\",\"cloudwatch:List*\",\"codebuild:BatchGet*\",\"codebuild:L"
         "ist*\",\"codecommit:BatchGet*\",\"codecommit:Get*\",\"codecommit:List*\",\"config:Desc"
         "ribe*\",\"config:Get*\",\"config:List*\",\"dynamodb:BatchGet*\",\"dynamodb:Describe*\","
         "\"dynamodb:Get*\",\"dynamodb:List*\",\"dynamodb:Query\",\"dynamodb:Scan\",\"ec2:Describ"
         "e*\",\"ec2:Get*\",\"ec2:Search*\",\"ecr:BatchCheck*\",\"ecr:BatchGet*\",\"ecr:Describe*\""
         ",\"ecr:Get*\",\"ecr:List*\",\"ecs:Describe*\",\"ecs:List*\",\"eks:Describe*\",\"eks:List*"
         "\",\"elasticache:Describe*\",\"elasticache:List*\",\"elasticloadbalancing:Describe*\""
         ",\"events:Describe*\",\"events:List*\",\"glue:BatchGet*\",\"glue:Get*\",\"glue:List*\",\""
         "guardduty:Get*\",\"guardduty:List*\",\"iam:Generate*\",\"iam:Get*\",\"iam:List*\",\"iam:"
         "Simulate*\",\"kinesis:Describe*\",\"kinesis:Get*\",\"kinesis:List*\",\"kms:Describe*\","
         "\"kms:Get*\",\"kms:List*\",\"lambda:Get*\",\"lambda:List*\",\"logs:Describe*\",\"logs:Fil"
         "terLogEvents\",\"logs:Get*\",\"logs:List*\",\"organizations:Describe*\",\"organization"
         "s:List*\",\"rds:Describe*\",\"rds:List*\",\"redshift:Describe*\",\"route53:Get*\",\"rout"
         "e53:List*\",\"s3:Get*\",\"s3:List*\",\"secretsmanager:Describe*\",\"secretsmanager:Lis"
         "t*\",\"sns:Get*\",\"sns:List*\",\"sqs:Get*\",\"sqs:List*\",\"sqs:Receive*\",\"ssm:Describe"
         "*\",\"ssm:Get*\",\"ssm:List*\",\"states:Describe*\",\"states:Get*\",\"states:List*\",\"sts"
         ":GetAccessKeyInfo\",\"sts:GetCallerIdentity\",\"sts:GetSessionToken\",\"tag:Get*\",\"w"
         "afv2:Describe*\",\"wafv2:Get*\",\"wafv2:List*\",\"xray:BatchGet*\",\"xray:Get*\"],\"Reso"
         "urce\":\"*\"}]}")},
    {STR("SecretsManagerReadWrite"), STR("/"),
     STR("Provides full access to Secrets Manager via the AWS Management Console."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"secretsmanag"
         "er:*\"],\"Resource\":\"*\"}]}")},
    {STR("SecurityAudit"), STR("/"),
     STR("The security audit template grants access to read security configuration metadata. "
         "It is useful for software that audits the configuration of an AWS account."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"access-analy"
         "zer:Get*\",\"access-analyzer:List*\",\"acm:Describe*\",\"acm:List*\",\"cloudtrail:Desc"
         "ribe*\",\"cloudtrail:Get*\",\"cloudtrail:List*\",\"cloudtrail:LookupEvents\",\"cloudwa"
         "tch:Describe*\",\"cloudwatch:Get*\",\"cloudwatch:List*\",\"config:BatchGet*\",\"config"
         ":Describe*\",\"config:Get*\",\"config:List*\",\"ec2:Describe*\",\"ec2:Get*\",\"guardduty"
         ":Get*\",\"guardduty:List*\",\"iam:Generate*\",\"iam:Get*\",\"iam:List*\",\"iam:Simulate*"
         "\",\"kms:Describe*\",\"kms:Get*\",\"kms:List*\",\"lambda:GetPolicy\",\"lambda:List*\",\"lo"
         "gs:Describe*\",\"organizations:Describe*\",\"organizations:List*\",\"rds:Describe*\","
         "\"s3:GetAccountPublicAccessBlock\",\"s3:GetBucket*\",\"s3:GetEncryptionConfiguratio"
         "n\",\"s3:ListAllMyBuckets\",\"secretsmanager:GetResourcePolicy\",\"secretsmanager:Li"
         "st*\",\"securityhub:Get*\",\"securityhub:List*\",\"sns:GetTopicAttributes\",\"sns:List"
         "*\",\"sqs:GetQueueAttributes\",\"sqs:List*\",\"ssm:Describe*\",\"ssm:List*\"],\"Resource"
         "\":\"*\"}]}")},
    {STR("SupportUser"), STR("/job-function/"),
     STR("This policy grants permissions to troubleshoot and resolve issues in an AWS account."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"support:*\",\""
         "cloudwatch:Describe*\",\"cloudwatch:Get*\",\"cloudwatch:List*\",\"ec2:Describe*\",\"ia"
         "m:Get*\",\"iam:List*\",\"rds:Describe*\",\"s3:List*\"],\"Resource\":\"*\"}]}")},
    {STR("SystemAdministrator"), STR("/job-function/"),
     STR("Grants full access permissions necessary for resources required for application and "
         "development operations."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"autoscaling:"
         "*\",\"cloudtrail:*\",\"cloudwatch:*\",\"config:*\",\"ec2:*\",\"elasticloadbalancing:*\",\""
         "iam:Get*\",\"iam:List*\",\"kms:Describe*\",\"kms:List*\",\"lambda:*\",\"logs:*\",\"rds:*\","
         "\"route53:*\",\"s3:*\",\"sns:*\",\"sqs:*\",\"ssm:*\"],\"Resource\":\"*\"},{\"Effect\":\"Allow\","
         "\"Action\":[\"iam:PassRole\"],\"Resource\":[\"arn:aws:iam::*:role/rds-monitoring-role"
         "\",\"arn:aws:iam::*:role/ec2-sysadmin-*\",\"arn:aws:iam::*:role/lambda-sysadmin-*\""
         "]}]}")},
    {STR("ViewOnlyAccess"), STR("/job-function/"),
     STR("This policy grants permissions to view resources and basic metadata across all AWS "
         "services."),
     STR("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"acm:List*\",\""
         "autoscaling:Describe*\",\"cloudformation:Describe*\",\"cloudformation:List*\",\"clou"
         "dfront:List*\",\"cloudtrail:Describe*\",\"cloudtrail:LookupEvents\",\"cloudwatch:Des"
         "cribe*\",\"cloudwatch:List*\",\"config:Describe*\",\"config:List*\",\"dynamodb:Describ"
         "eTable\",\"dynamodb:List*\",\"ec2:Describe*\",\"ecs:Describe*\",\"ecs:List*\",\"elasticl"
         "oadbalancing:Describe*\",\"events:List*\",\"iam:List*\",\"iam:GetAccountSummary\",\"ia"
         "m:GetLoginProfile\",\"kinesis:List*\",\"kms:List*\",\"lambda:List*\",\"logs:Describe*\""
         ",\"rds:Describe*\",\"redshift:Describe*\",\"route53:List*\",\"s3:ListAllMyBuckets\",\"s"
         "3:ListBucket\",\"sns:List*\",\"sqs:List*\"],\"Resource\":\"*\"}]}")},
};
const size_t aws_managed_data_n = COUNT(aws_managed_data);
