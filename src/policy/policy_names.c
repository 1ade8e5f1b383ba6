/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_names.h"

#include <stdlib.h>

/* Sorted by lower-case bytes, for binary search. From the service authorization reference. */
/* clang-format off */
static const struct str services[] = {
    STR("a4b"), STR("access-analyzer"), STR("account"), STR("acm"), STR("acm-pca"),
    STR("aco-automation"), STR("agreement-marketplace"), STR("aidevops"), STR("aiops"),
    STR("airflow"), STR("airflow-serverless"), STR("amplify"), STR("amplifybackend"),
    STR("amplifyuibuilder"), STR("aoss"), STR("apigateway"), STR("app-integrations"),
    STR("appconfig"), STR("appconfigdata"), STR("appfabric"), STR("appflow"),
    STR("application-autoscaling"), STR("application-cost-profiler"), STR("application-signals"),
    STR("applicationinsights"), STR("appmesh"), STR("apprunner"), STR("appstream"),
    STR("appstream2"), STR("appsync"), STR("aps"), STR("arc-region-switch"), STR("arc-zonal-shift"),
    STR("arsenal"), STR("artifact"), STR("athena"), STR("auditmanager"), STR("autoscaling"),
    STR("autoscaling-plans"), STR("aws-marketplace"), STR("aws-portal"), STR("awsconnector"),
    STR("awsssoportal"), STR("b2bi"), STR("backup"), STR("backup-gateway"), STR("backup-search"),
    STR("backup-storage"), STR("batch"), STR("bcm-dashboards"), STR("bcm-data-exports"),
    STR("bcm-pricing-calculator"), STR("bcm-recommended-actions"), STR("bedrock"),
    STR("bedrock-agent"), STR("bedrock-agent-runtime"), STR("bedrock-agentcore"),
    STR("bedrock-agentcore-control"), STR("bedrock-data-automation"),
    STR("bedrock-data-automation-runtime"), STR("bedrock-runtime"), STR("billing"),
    STR("billingconductor"), STR("braket"), STR("budgets"), STR("cases"), STR("cassandra"),
    STR("cassandra-streams"), STR("ce"), STR("chatbot"), STR("chime"), STR("clean-rooms"),
    STR("cleanrooms"), STR("cleanrooms-ml"), STR("cloud9"), STR("cloudcontrolapi"),
    STR("clouddirectory"), STR("cloudformation"), STR("cloudfront"),
    STR("cloudfront-keyvaluestore"), STR("cloudhsm"), STR("cloudhsmv2"), STR("cloudsearch"),
    STR("cloudsearchdomain"), STR("cloudshell"), STR("cloudtrail"), STR("cloudtrail-data"),
    STR("cloudwatch"), STR("codeartifact"), STR("codebuild"), STR("codecatalyst"),
    STR("codecommit"), STR("codeconnections"), STR("codedeploy"), STR("codeguru"),
    STR("codeguru-profiler"), STR("codeguru-reviewer"), STR("codeguru-security"),
    STR("codepipeline"), STR("codestar"), STR("codestar-connections"),
    STR("codestar-notifications"), STR("codewhisperer"), STR("cognito-identity"),
    STR("cognito-idp"), STR("cognito-sync"), STR("comprehend"), STR("comprehendmedical"),
    STR("compute-optimizer"), STR("config"), STR("connect"), STR("connect-campaigns"),
    STR("consoleapp"), STR("consolidatedbilling"), STR("contact-lens"), STR("controlcatalog"),
    STR("controltower"), STR("cost-optimization-hub"), STR("cur"), STR("customer-verification"),
    STR("data-signer"), STR("databrew"), STR("dataexchange"), STR("datapipeline"), STR("datasync"),
    STR("datazone"), STR("dax"), STR("deadline"), STR("deepcomposer"), STR("deeplens"),
    STR("deepracer"), STR("deployment-marketplace"), STR("detective"), STR("devicefarm"),
    STR("devops-guru"), STR("directconnect"), STR("discovery"), STR("discovery-marketplace"),
    STR("dlm"), STR("dms"), STR("docdb-elastic"), STR("drs"), STR("ds"), STR("ds-data"),
    STR("dsql"), STR("dynamodb"), STR("ebs"), STR("ec2"), STR("ec2-instance-connect"),
    STR("ec2messages"), STR("ecr"), STR("ecr-public"), STR("ecs"), STR("eks"), STR("eks-auth"),
    STR("elastic-inference"), STR("elasticache"), STR("elasticbeanstalk"), STR("elasticfilesystem"),
    STR("elasticloadbalancing"), STR("elasticmapreduce"), STR("elastictranscoder"),
    STR("elemental-activations"), STR("elemental-inference"), STR("emr-containers"),
    STR("emr-serverless"), STR("entityresolution"), STR("es"), STR("events"), STR("evidently"),
    STR("evs"), STR("execute-api"), STR("finspace"), STR("finspace-api"), STR("firehose"),
    STR("fis"), STR("fms"), STR("forecast"), STR("forecastquery"), STR("frauddetector"),
    STR("freertos"), STR("freetier"), STR("fsx"), STR("gamelift"), STR("gameliftstreams"),
    STR("geo"), STR("geo-maps"), STR("geo-places"), STR("geo-routes"), STR("glacier"),
    STR("globalaccelerator"), STR("glue"), STR("grafana"), STR("greengrass"), STR("groundstation"),
    STR("guardduty"), STR("health"), STR("health-agent"), STR("healthlake"), STR("honeycode"),
    STR("iam"), STR("identity-chime"), STR("identity-sync"), STR("identitystore"),
    STR("identitystore-auth"), STR("imagebuilder"), STR("importexport"), STR("inspector"),
    STR("inspector-scan"), STR("inspector2"), STR("interconnect"), STR("internetmonitor"),
    STR("invoicing"), STR("iot"), STR("iot-device-tester"), STR("iot-jobs-data"),
    STR("iotanalytics"), STR("iotdata"), STR("iotdeviceadvisor"), STR("iotevents"),
    STR("ioteventsdata"), STR("iotfleethub"), STR("iotfleetwise"), STR("iotjobsdata"),
    STR("iotmanagedintegrations"), STR("iotsecuredtunneling"), STR("iotsitewise"),
    STR("iotthingsgraph"), STR("iottwinmaker"), STR("iotwireless"), STR("iq"), STR("iq-permission"),
    STR("ivs"), STR("ivschat"), STR("ivsrealtime"), STR("kafka"), STR("kafka-cluster"),
    STR("kafkaconnect"), STR("kendra"), STR("kendra-ranking"), STR("kinesis"),
    STR("kinesisanalytics"), STR("kinesisvideo"), STR("kms"), STR("lakeformation"), STR("lambda"),
    STR("launchwizard"), STR("lex"), STR("license-manager"),
    STR("license-manager-linux-subscriptions"), STR("license-manager-user-subscriptions"),
    STR("lightsail"), STR("logs"), STR("lookoutequipment"), STR("lookoutmetrics"),
    STR("lookoutvision"), STR("m2"), STR("machinelearning"), STR("macie2"), STR("mail-manager"),
    STR("managedblockchain"), STR("managedblockchain-query"), STR("mapcredits"), STR("marketplace"),
    STR("marketplacecommerceanalytics"), STR("mechanicalturk"), STR("media-pipelines-chime"),
    STR("mediaconnect"), STR("mediaconvert"), STR("medialive"), STR("mediapackage"),
    STR("mediapackage-vod"), STR("mediapackagev2"), STR("mediastore"), STR("mediatailor"),
    STR("medical-imaging"), STR("meetings-chime"), STR("memory-db"), STR("memorydb"),
    STR("messaging-chime"), STR("mgh"), STR("mgn"), STR("migrationhub-config"),
    STR("migrationhub-orchestrator"), STR("migrationhub-strategy"), STR("mobileanalytics"),
    STR("mobiletargeting"), STR("models-v2-lex"), STR("monitoring"), STR("monitron"), STR("mpa"),
    STR("mq"), STR("mturk-requester"), STR("neptune-db"), STR("neptune-graph"),
    STR("network-firewall"), STR("networkflowmonitor"), STR("networkmanager"),
    STR("networkmonitor"), STR("notifications"), STR("notifications-contacts"), STR("nova-act"),
    STR("oam"), STR("observabilityadmin"), STR("odb"), STR("oidc"), STR("omics"), STR("opensearch"),
    STR("opsworks"), STR("opsworks-cm"), STR("organizations"), STR("osis"), STR("outposts"),
    STR("panorama"), STR("partnercentral"), STR("partnercentral-account"),
    STR("partnercentral-benefits"), STR("partnercentral-channel"), STR("partnercentral-selling"),
    STR("payment-cryptography"), STR("payments"), STR("pca-connector-ad"),
    STR("pca-connector-scep"), STR("pcs"), STR("personalize"), STR("personalize-events"),
    STR("personalize-runtime"), STR("pi"), STR("pinpoint"), STR("pipes"), STR("polly"),
    STR("pricing"), STR("private-networks"), STR("profile"), STR("proton"), STR("purchase-orders"),
    STR("q"), STR("qapps"), STR("qbusiness"), STR("qldb"), STR("quicksight"), STR("ram"),
    STR("rbin"), STR("rds"), STR("rds-data"), STR("rds-db"), STR("redshift"), STR("redshift-data"),
    STR("redshift-serverless"), STR("refactor-spaces"), STR("rekognition"),
    STR("reporting-marketplace"), STR("repostspace"), STR("resiliencehub"),
    STR("resource-explorer"), STR("resource-explorer-2"), STR("resource-groups"), STR("robomaker"),
    STR("rolesanywhere"), STR("route53"), STR("route53-recovery-cluster"),
    STR("route53-recovery-control-config"), STR("route53-recovery-readiness"),
    STR("route53domains"), STR("route53globalresolver"), STR("route53profiles"),
    STR("route53resolver"), STR("rtbfabric"), STR("rum"), STR("s3"), STR("s3-control"),
    STR("s3-object-lambda"), STR("s3-outposts"), STR("s3express"), STR("s3files"), STR("s3tables"),
    STR("s3vectors"), STR("sagemaker"), STR("sagemaker-geospatial"), STR("savingsplans"),
    STR("scheduler"), STR("schemas"), STR("scn"), STR("sdb"), STR("secretsmanager"),
    STR("security-ir"), STR("securityagent"), STR("securityhub"), STR("securitylake"),
    STR("serverlessrepo"), STR("servicecatalog"), STR("servicecatalog-appregistry"),
    STR("servicediscovery"), STR("servicequotas"), STR("ses"), STR("shield"), STR("signer"),
    STR("signin"), STR("simspaceweaver"), STR("sms"), STR("sms-voice"),
    STR("snow-device-management"), STR("snowball"), STR("sns"), STR("social-messaging"),
    STR("sqlworkbench"), STR("sqs"), STR("ssm"), STR("ssm-contacts"), STR("ssm-guiconnect"),
    STR("ssm-incidents"), STR("ssm-quicksetup"), STR("ssm-sap"), STR("ssmmessages"), STR("sso"),
    STR("sso-directory"), STR("sso-oauth"), STR("states"), STR("storagegateway"), STR("sts"),
    STR("sumerian"), STR("support"), STR("supportapp"), STR("supportplans"), STR("sustainability"),
    STR("swf"), STR("synthetics"), STR("tag"), STR("tagging"), STR("tax"), STR("textract"),
    STR("thinclient"), STR("timestream"), STR("timestream-influxdb"), STR("tiros"), STR("tnb"),
    STR("transcribe"), STR("transfer"), STR("translate"), STR("trustedadvisor"), STR("ts"),
    STR("user-subscriptions"), STR("uxc"), STR("verified-access"), STR("verifiedpermissions"),
    STR("voice-chime"), STR("voiceid"), STR("vpc-lattice"), STR("vpc-lattice-svcs"), STR("waf"),
    STR("waf-regional"), STR("wafv2"), STR("wellarchitected"), STR("wickr"), STR("wisdom"),
    STR("workdocs"), STR("worklink"), STR("workmail"), STR("workmailmessageflow"),
    STR("workspaces"), STR("workspaces-instances"), STR("workspaces-web"), STR("xray"),
};
/* Names that services have only as principals. */
static const struct str principal_names[] = {
    STR("airflow-env"), STR("alexa-appkit"), STR("alexa-connectedhome"), STR("amazonmq"),
    STR("apidestinations"), STR("application-insights"), STR("assets"),
    STR("aws-artifact-account-sync"), STR("batchoperations"), STR("billingconsole"), STR("bugbust"),
    STR("cloudfront-origin-mediapackagev2"), STR("cloudwatch-crossaccount"), STR("config-conforms"),
    STR("config-multiaccountsetup"), STR("continuousexport"), STR("costalerts"), STR("crawler"),
    STR("custom-resource"), STR("customer-profiles"), STR("delivery"), STR("diode"),
    STR("dms-fleet-advisor"), STR("docdb"), STR("ec2fastlaunch"), STR("ec2fleet"),
    STR("ec2scheduled"), STR("ecs-compute"), STR("ecs-tasks"), STR("edgelambda"),
    STR("eks-connector"), STR("eks-fargate"), STR("eks-fargate-pods"), STR("eks-nodegroup"),
    STR("eks-pods"), STR("email"), STR("emrwal"), STR("eventbridge"), STR("export"), STR("hooks"),
    STR("jellyfish"), STR("lexv2"), STR("license-management"), STR("logdelivery"), STR("logger"),
    STR("malware-protection-plan"), STR("managedservices"), STR("marketplace-mcp"), STR("member"),
    STR("mobilehub"), STR("mrk"), STR("neptune"), STR("nimble"), STR("opensearchservice"),
    STR("ops"), STR("osis-pipelines"), STR("private-marketplace"), STR("privatenetworks"),
    STR("productcatalog"), STR("purchaseorders"), STR("rds-preview"), STR("replicator"),
    STR("resources"), STR("runner"), STR("securityhubv2"), STR("spot"), STR("spotfleet"),
    STR("streams"), STR("support-app"), STR("tagpolicies"), STR("transitgateway"), STR("tts"),
    STR("userstate"), STR("vmie"), STR("vpc-flow-logs"), STR("vpce"),
};
static const struct str iam_actions[] = {
    STR("AcceptDelegationRequest"), STR("AcquireRole"), STR("AddClientIDToOpenIDConnectProvider"),
    STR("AddRoleToInstanceProfile"), STR("AddUserToGroup"), STR("AssociateDelegationRequest"),
    STR("AttachGroupPolicy"), STR("AttachRolePolicy"), STR("AttachUserPolicy"),
    STR("ChangePassword"), STR("CreateAccessKey"), STR("CreateAccountAlias"),
    STR("CreateDelegationRequest"), STR("CreateGroup"), STR("CreateInstanceProfile"),
    STR("CreateLoginProfile"), STR("CreateOpenIDConnectProvider"), STR("CreatePolicy"),
    STR("CreatePolicyVersion"), STR("CreateRole"), STR("CreateSAMLProvider"),
    STR("CreateServiceLinkedRole"), STR("CreateServiceSpecificCredential"), STR("CreateUser"),
    STR("CreateVirtualMFADevice"), STR("DeactivateMFADevice"), STR("DeleteAccessKey"),
    STR("DeleteAccountAlias"), STR("DeleteAccountPasswordPolicy"), STR("DeleteCloudFrontPublicKey"),
    STR("DeleteGroup"), STR("DeleteGroupPolicy"), STR("DeleteInstanceProfile"),
    STR("DeleteLoginProfile"), STR("DeleteOpenIDConnectProvider"), STR("DeletePolicy"),
    STR("DeletePolicyVersion"), STR("DeleteRole"), STR("DeleteRolePermissionsBoundary"),
    STR("DeleteRolePolicy"), STR("DeleteSAMLProvider"), STR("DeleteServerCertificate"),
    STR("DeleteServiceLinkedRole"), STR("DeleteServiceSpecificCredential"),
    STR("DeleteSigningCertificate"), STR("DeleteSSHPublicKey"), STR("DeleteUser"),
    STR("DeleteUserPermissionsBoundary"), STR("DeleteUserPolicy"), STR("DeleteVirtualMFADevice"),
    STR("DetachGroupPolicy"), STR("DetachRolePolicy"), STR("DetachUserPolicy"),
    STR("DisableOrganizationsRootCredentialsManagement"), STR("DisableOrganizationsRootSessions"),
    STR("DisableOutboundWebIdentityFederation"), STR("EnableMFADevice"),
    STR("EnableOrganizationsRootCredentialsManagement"), STR("EnableOrganizationsRootSessions"),
    STR("EnableOutboundWebIdentityFederation"), STR("FetchMembers"),
    STR("GenerateCredentialReport"), STR("GenerateOrganizationsAccessReport"),
    STR("GenerateServiceLastAccessedDetails"), STR("GetAccessKeyLastUsed"),
    STR("GetAccountAuthorizationDetails"), STR("GetAccountPasswordPolicy"),
    STR("GetAccountProperties"), STR("GetAccountSummary"), STR("GetCloudFrontPublicKey"),
    STR("GetContextKeysForCustomPolicy"), STR("GetContextKeysForPrincipalPolicy"),
    STR("GetCredentialReport"), STR("GetDelegationRequest"), STR("GetGroup"), STR("GetGroupPolicy"),
    STR("GetHumanReadableSummary"), STR("GetInstanceProfile"), STR("GetLoginProfile"),
    STR("GetMFADevice"), STR("GetOpenIDConnectProvider"), STR("GetOrganizationsAccessReport"),
    STR("GetOutboundWebIdentityFederationInfo"), STR("GetPolicy"), STR("GetPolicyVersion"),
    STR("GetRole"), STR("GetRolePolicy"), STR("GetRoleTemplateVersion"), STR("GetSAMLProvider"),
    STR("GetServerCertificate"), STR("GetServiceLastAccessedDetails"),
    STR("GetServiceLastAccessedDetailsWithEntities"), STR("GetServiceLinkedRoleDeletionStatus"),
    STR("GetSSHPublicKey"), STR("GetUser"), STR("GetUserPolicy"), STR("ListAccessKeys"),
    STR("ListAccountAliases"), STR("ListAttachedGroupPolicies"), STR("ListAttachedRolePolicies"),
    STR("ListAttachedUserPolicies"), STR("ListCloudFrontPublicKeys"), STR("ListDelegationRequests"),
    STR("ListEntitiesForPolicy"), STR("ListGroupPolicies"), STR("ListGroups"),
    STR("ListGroupsForUser"), STR("ListInstanceProfiles"), STR("ListInstanceProfilesForRole"),
    STR("ListInstanceProfileTags"), STR("ListMFADevices"), STR("ListMFADeviceTags"),
    STR("ListOpenIDConnectProviders"), STR("ListOpenIDConnectProviderTags"),
    STR("ListOrganizationsFeatures"), STR("ListPolicies"), STR("ListPoliciesGrantingServiceAccess"),
    STR("ListPolicyTags"), STR("ListPolicyVersions"), STR("ListRolePolicies"), STR("ListRoles"),
    STR("ListRoleTags"), STR("ListSAMLProviders"), STR("ListSAMLProviderTags"),
    STR("ListServerCertificates"), STR("ListServerCertificateTags"),
    STR("ListServiceSpecificCredentials"), STR("ListSigningCertificates"), STR("ListSSHPublicKeys"),
    STR("ListSTSRegionalEndpointsStatus"), STR("ListUserPolicies"), STR("ListUsers"),
    STR("ListUserTags"), STR("ListVirtualMFADevices"), STR("PassRole"), STR("PutAccountProperties"),
    STR("PutGroupPolicy"), STR("PutRolePermissionsBoundary"), STR("PutRolePolicy"),
    STR("PutUserPermissionsBoundary"), STR("PutUserPolicy"), STR("RejectDelegationRequest"),
    STR("RemoveClientIDFromOpenIDConnectProvider"), STR("RemoveRoleFromInstanceProfile"),
    STR("RemoveUserFromGroup"), STR("ResetServiceSpecificCredential"), STR("ResyncMFADevice"),
    STR("SendDelegationToken"), STR("SetDefaultPolicyVersion"),
    STR("SetSecurityTokenServicePreferences"), STR("SetSTSRegionalEndpointStatus"),
    STR("SimulateCustomPolicy"), STR("SimulatePrincipalPolicy"), STR("TagInstanceProfile"),
    STR("TagMFADevice"), STR("TagOpenIDConnectProvider"), STR("TagPolicy"), STR("TagRole"),
    STR("TagSAMLProvider"), STR("TagServerCertificate"), STR("TagUser"),
    STR("UntagInstanceProfile"), STR("UntagMFADevice"), STR("UntagOpenIDConnectProvider"),
    STR("UntagPolicy"), STR("UntagRole"), STR("UntagSAMLProvider"), STR("UntagServerCertificate"),
    STR("UntagUser"), STR("UpdateAccessKey"), STR("UpdateAccountPasswordPolicy"),
    STR("UpdateAssumeRolePolicy"), STR("UpdateCloudFrontPublicKey"), STR("UpdateDelegationRequest"),
    STR("UpdateGroup"), STR("UpdateLoginProfile"), STR("UpdateOpenIDConnectProviderThumbprint"),
    STR("UpdateRole"), STR("UpdateRoleDescription"), STR("UpdateSAMLProvider"),
    STR("UpdateServerCertificate"), STR("UpdateServiceSpecificCredential"),
    STR("UpdateSigningCertificate"), STR("UpdateSSHPublicKey"), STR("UpdateUser"),
    STR("UploadCloudFrontPublicKey"), STR("UploadServerCertificate"),
    STR("UploadSigningCertificate"), STR("UploadSSHPublicKey"),
};
static const struct str s3_actions[] = {
    STR("AbortMultipartUpload"), STR("AssociateAccessGrantsIdentityCenter"),
    STR("BypassGovernanceRetention"), STR("CreateAccessGrant"), STR("CreateAccessGrantsInstance"),
    STR("CreateAccessGrantsLocation"), STR("CreateAccessPoint"),
    STR("CreateAccessPointForObjectLambda"), STR("CreateBucket"),
    STR("CreateBucketMetadataTableConfiguration"), STR("CreateJob"),
    STR("CreateMultiRegionAccessPoint"), STR("CreateStorageLensGroup"), STR("DeleteAccessGrant"),
    STR("DeleteAccessGrantsInstance"), STR("DeleteAccessGrantsInstanceResourcePolicy"),
    STR("DeleteAccessGrantsLocation"), STR("DeleteAccessPoint"),
    STR("DeleteAccessPointForObjectLambda"), STR("DeleteAccessPointPolicy"),
    STR("DeleteAccessPointPolicyForObjectLambda"), STR("DeleteBucket"),
    STR("DeleteBucketMetadataTableConfiguration"), STR("DeleteBucketOwnershipControls"),
    STR("DeleteBucketPolicy"), STR("DeleteBucketWebsite"), STR("DeleteJobTagging"),
    STR("DeleteMultiRegionAccessPoint"), STR("DeleteObject"), STR("DeleteObjectTagging"),
    STR("DeleteObjectVersion"), STR("DeleteObjectVersionTagging"),
    STR("DeleteStorageLensConfiguration"), STR("DeleteStorageLensConfigurationTagging"),
    STR("DeleteStorageLensGroup"), STR("DescribeJob"),
    STR("DescribeMultiRegionAccessPointOperation"), STR("DissociateAccessGrantsIdentityCenter"),
    STR("GetAccelerateConfiguration"), STR("GetAccessGrant"), STR("GetAccessGrantsInstance"),
    STR("GetAccessGrantsInstanceForPrefix"), STR("GetAccessGrantsInstanceResourcePolicy"),
    STR("GetAccessGrantsLocation"), STR("GetAccessPoint"),
    STR("GetAccessPointConfigurationForObjectLambda"), STR("GetAccessPointForObjectLambda"),
    STR("GetAccessPointPolicy"), STR("GetAccessPointPolicyForObjectLambda"),
    STR("GetAccessPointPolicyStatus"), STR("GetAccessPointPolicyStatusForObjectLambda"),
    STR("GetAccountPublicAccessBlock"), STR("GetAnalyticsConfiguration"), STR("GetBucketAcl"),
    STR("GetBucketCORS"), STR("GetBucketLocation"), STR("GetBucketLogging"),
    STR("GetBucketMetadataTableConfiguration"), STR("GetBucketNotification"),
    STR("GetBucketObjectLockConfiguration"), STR("GetBucketOwnershipControls"),
    STR("GetBucketPolicy"), STR("GetBucketPolicyStatus"), STR("GetBucketPublicAccessBlock"),
    STR("GetBucketRequestPayment"), STR("GetBucketTagging"), STR("GetBucketVersioning"),
    STR("GetBucketWebsite"), STR("GetDataAccess"), STR("GetEncryptionConfiguration"),
    STR("GetIntelligentTieringConfiguration"), STR("GetInventoryConfiguration"),
    STR("GetJobTagging"), STR("GetLifecycleConfiguration"), STR("GetMetricsConfiguration"),
    STR("GetMultiRegionAccessPoint"), STR("GetMultiRegionAccessPointPolicy"),
    STR("GetMultiRegionAccessPointPolicyStatus"), STR("GetMultiRegionAccessPointRoutes"),
    STR("GetObject"), STR("GetObjectAcl"), STR("GetObjectAttributes"), STR("GetObjectLegalHold"),
    STR("GetObjectRetention"), STR("GetObjectTagging"), STR("GetObjectTorrent"),
    STR("GetObjectVersion"), STR("GetObjectVersionAcl"), STR("GetObjectVersionAttributes"),
    STR("GetObjectVersionForReplication"), STR("GetObjectVersionTagging"),
    STR("GetObjectVersionTorrent"), STR("GetReplicationConfiguration"),
    STR("GetStorageLensConfiguration"), STR("GetStorageLensConfigurationTagging"),
    STR("GetStorageLensDashboard"), STR("GetStorageLensGroup"), STR("InitiateReplication"),
    STR("ListAccessGrants"), STR("ListAccessGrantsInstances"), STR("ListAccessGrantsLocations"),
    STR("ListAccessPoints"), STR("ListAccessPointsForObjectLambda"), STR("ListAllMyBuckets"),
    STR("ListBucket"), STR("ListBucketMultipartUploads"), STR("ListBucketVersions"),
    STR("ListCallerAccessGrants"), STR("ListJobs"), STR("ListMultipartUploadParts"),
    STR("ListMultiRegionAccessPoints"), STR("ListStorageLensConfigurations"),
    STR("ListStorageLensGroups"), STR("ListTagsForResource"),
    STR("ObjectOwnerOverrideToBucketOwner"), STR("PauseReplication"),
    STR("PutAccelerateConfiguration"), STR("PutAccessGrantsInstanceResourcePolicy"),
    STR("PutAccessPointConfigurationForObjectLambda"), STR("PutAccessPointPolicy"),
    STR("PutAccessPointPolicyForObjectLambda"), STR("PutAccessPointPublicAccessBlock"),
    STR("PutAccountPublicAccessBlock"), STR("PutAnalyticsConfiguration"), STR("PutBucketAcl"),
    STR("PutBucketCORS"), STR("PutBucketLogging"), STR("PutBucketNotification"),
    STR("PutBucketObjectLockConfiguration"), STR("PutBucketOwnershipControls"),
    STR("PutBucketPolicy"), STR("PutBucketPublicAccessBlock"), STR("PutBucketRequestPayment"),
    STR("PutBucketTagging"), STR("PutBucketVersioning"), STR("PutBucketWebsite"),
    STR("PutEncryptionConfiguration"), STR("PutIntelligentTieringConfiguration"),
    STR("PutInventoryConfiguration"), STR("PutJobTagging"), STR("PutLifecycleConfiguration"),
    STR("PutMetricsConfiguration"), STR("PutMultiRegionAccessPointPolicy"), STR("PutObject"),
    STR("PutObjectAcl"), STR("PutObjectLegalHold"), STR("PutObjectRetention"),
    STR("PutObjectTagging"), STR("PutObjectVersionAcl"), STR("PutObjectVersionTagging"),
    STR("PutReplicationConfiguration"), STR("PutStorageLensConfiguration"),
    STR("PutStorageLensConfigurationTagging"), STR("ReplicateDelete"), STR("ReplicateObject"),
    STR("ReplicateTags"), STR("RestoreObject"), STR("SubmitMultiRegionAccessPointRoutes"),
    STR("TagResource"), STR("UntagResource"), STR("UpdateAccessGrantsLocation"),
    STR("UpdateJobPriority"), STR("UpdateJobStatus"), STR("UpdateStorageLensGroup"),
};
static const struct str sts_actions[] = {
    STR("AssumeRole"), STR("AssumeRoleWithSAML"), STR("AssumeRoleWithWebIdentity"),
    STR("AssumeRoot"), STR("DecodeAuthorizationMessage"), STR("GetAccessKeyInfo"),
    STR("GetCallerIdentity"), STR("GetDelegatedAccessToken"), STR("GetFederationToken"),
    STR("GetServiceBearerToken"), STR("GetSessionToken"), STR("GetWebIdentityToken"),
    STR("SetContext"), STR("SetSourceIdentity"), STR("TagSession"),
};
static const struct str global_keys[] = {
    STR("AssumedRoot"), STR("CalledVia"), STR("CalledViaFirst"), STR("CalledViaLast"),
    STR("ChatbotSourceArn"), STR("CurrentTime"), STR("Ec2InstanceSourcePrivateIPv4"),
    STR("Ec2InstanceSourceVpc"), STR("EpochTime"), STR("FederatedProvider"),
    STR("MultiFactorAuthAge"), STR("MultiFactorAuthPresent"), STR("PrincipalAccount"),
    STR("PrincipalArn"), STR("PrincipalIsAWSService"), STR("PrincipalOrgID"),
    STR("PrincipalOrgPaths"), STR("PrincipalServiceName"), STR("PrincipalServiceNamesList"),
    STR("PrincipalType"), STR("Referer"), STR("RequestedRegion"), STR("ResourceAccount"),
    STR("ResourceOrgID"), STR("ResourceOrgPaths"), STR("SecureTransport"), STR("SignInSessionArn"),
    STR("SourceAccount"), STR("SourceArn"), STR("SourceIdentity"), STR("SourceIp"),
    STR("SourceOrgID"), STR("SourceOrgPaths"), STR("SourceVpc"), STR("SourceVpcArn"),
    STR("SourceVpce"), STR("TagKeys"), STR("TokenIssueTime"), STR("UserAgent"), STR("userid"),
    STR("username"), STR("ViaAWSService"), STR("VpceAccount"), STR("VpceOrgID"),
    STR("VpceOrgPaths"), STR("VpcSourceIp"),
};
static const struct str operators[] = {
    STR("ArnEquals"), STR("ArnLike"), STR("ArnNotEquals"), STR("ArnNotLike"), STR("BinaryEquals"),
    STR("Bool"), STR("DateEquals"), STR("DateGreaterThan"), STR("DateGreaterThanEquals"),
    STR("DateLessThan"), STR("DateLessThanEquals"), STR("DateNotEquals"), STR("IpAddress"),
    STR("NotIpAddress"), STR("Null"), STR("NumericEquals"), STR("NumericGreaterThan"),
    STR("NumericGreaterThanEquals"), STR("NumericLessThan"), STR("NumericLessThanEquals"),
    STR("NumericNotEquals"), STR("StringEquals"), STR("StringEqualsIgnoreCase"), STR("StringLike"),
    STR("StringNotEquals"), STR("StringNotEqualsIgnoreCase"), STR("StringNotLike"),
};
/* clang-format on */

static int lower(char c) {
    return c >= 'A' && c <= 'Z' ? c + 32 : (unsigned char)c;
}

static int compare_nocase(struct str a, struct str b) {
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (lower(a.at[i]) != lower(b.at[i]))
            return lower(a.at[i]) - lower(b.at[i]);
    return (a.len > b.len) - (a.len < b.len);
}

static int compare_rows(const void *key, const void *row) {
    return compare_nocase(*(const struct str *)key, *(const struct str *)row);
}

static bool has(const struct str *rows, size_t n, struct str name) {
    return bsearch(&name, rows, n, sizeof *rows, compare_rows) != NULL;
}

struct str policy_names_bare_operator(struct str name) {
    if (str_starts(name, S("ForAnyValue:")))
        name = str_slice(name, 12, name.len);
    else if (str_starts(name, S("ForAllValues:")))
        name = str_slice(name, 13, name.len);
    return str_ends(name, S("IfExists")) ? str_slice(name, 0, name.len - 8) : name;
}

bool policy_names_operator(struct str name) {
    struct str bare = policy_names_bare_operator(name);
    for (size_t i = 0; i < COUNT(operators); i++)
        if (str_eq(operators[i], bare))
            return true;
    return false;
}

bool policy_names_service(struct str prefix) {
    return has(services, COUNT(services), prefix);
}

bool policy_names_principal(struct str domain) {
    struct str label, rest = domain;
    while (rest.len && str_split(&rest, '.', &label))
        if (str_eq(label, S("amazonaws")))
            return false;
        else if (policy_names_service(label) || has(principal_names, COUNT(principal_names), label))
            return true;
    return false;
}

static const struct {
    struct str service;
    const struct str *actions;
    size_t n;
} tables[] = {
    {STR("iam"), iam_actions, COUNT(iam_actions)},
    {STR("s3"), s3_actions, COUNT(s3_actions)},
    {STR("sts"), sts_actions, COUNT(sts_actions)},
};

/* '*' and '?' in the pattern; going back only to the last asterisk. */
static bool glob(struct str pattern, struct str name) {
    size_t p = 0, n = 0, star = SIZE_MAX, from = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.at[p] == '*') {
            star = ++p;
            from = n;
        } else if (p < pattern.len &&
                   (pattern.at[p] == '?' || lower(pattern.at[p]) == lower(name.at[n]))) {
            p++;
            n++;
        } else if (star != SIZE_MAX) {
            p = star;
            n = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.at[p] == '*')
        p++;
    return p == pattern.len;
}

bool policy_names_action(struct str action) {
    ptrdiff_t colon = str_find_byte(action, ':');
    if (colon < 0)
        return true;
    struct str service = str_slice(action, 0, (size_t)colon);
    struct str name = str_slice(action, (size_t)colon + 1, action.len);
    for (size_t i = 0; i < COUNT(tables); i++) {
        if (!str_eq_nocase(tables[i].service, service))
            continue;
        if (str_find_byte(name, '*') < 0 && str_find_byte(name, '?') < 0)
            return has(tables[i].actions, tables[i].n, name);
        for (size_t k = 0; k < tables[i].n; k++)
            if (glob(name, tables[i].actions[k]))
                return true;
        return false;
    }
    return true;
}

bool policy_names_covers(struct str pattern, struct str action) {
    return glob(pattern, action);
}

bool policy_names_global_key(struct str key) {
    static const struct str families[] = {STR("aws:RequestTag/"), STR("aws:ResourceTag/"),
                                          STR("aws:PrincipalTag/")};
    for (size_t i = 0; i < COUNT(families); i++)
        if (key.len > families[i].len &&
            str_eq_nocase(str_slice(key, 0, families[i].len), families[i]))
            return true;
    if (key.len < 4 || !str_eq_nocase(str_slice(key, 0, 4), S("aws:")))
        return false;
    return has(global_keys, COUNT(global_keys), str_slice(key, 4, key.len));
}
