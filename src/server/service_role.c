/* SPDX-License-Identifier: Apache-2.0 */
#include "server/service_role.h"

#include "base/arena.h"
#include "server/creation.h"
#include "server/describe.h"
#include "server/server_int.h"
#include "store/link.h"

#define DOMAIN ".amazonaws.com"

/* What each service calls its role, and the policy that comes with it ("AWS services that work with
 * IAM"). */
static const struct service_role {
    struct str service; /* in front of ".amazonaws.com" */
    struct str name;    /* behind "AWSServiceRoleFor" */
    struct str policy;
    bool one_only; /* no suffix makes a second one */
    struct str description;
} service_roles[] = {
    {STR("access-analyzer"), STR("AccessAnalyzer"), STR("AccessAnalyzerServiceRolePolicy")},
    {STR("accountdiscovery.ssm"), STR("AmazonSSM_AccountDiscovery"),
     STR("AWSSystemsManagerAccountDiscoveryServicePolicy"), true},
    {STR("acm"), STR("CertificateManager"), STR("CertificateManagerServiceRolePolicy"), true},
    {STR("appmesh"), STR("AppMesh"), STR("AWSAppMeshServiceRolePolicy"), true},
    {STR("autoscaling-plans"), STR("AutoScalingPlans_EC2AutoScaling"),
     STR("AWSAutoScalingPlansEC2AutoScalingPolicy"), true},
    {STR("autoscaling"), STR("AutoScaling"), STR("AutoScalingServiceRolePolicy")},
    {STR("backup"), STR("Backup"), STR("AWSBackupServiceLinkedRolePolicyForBackup"), true},
    {STR("batch"), STR("Batch"), STR("BatchServiceRolePolicy"), true},
    {STR("cassandra.application-autoscaling"), STR("ApplicationAutoScaling_CassandraTable"),
     STR("AWSApplicationAutoscalingCassandraTablePolicy"), true},
    {STR("cks.kms"), STR("KeyManagementServiceCustomKeyStores"),
     STR("AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"), true},
    {STR("cloudtrail"), STR("CloudTrail"), STR("CloudTrailServiceRolePolicy"), true},
    {STR("codestar-notifications"), STR("CodeStarNotifications"),
     STR("AWSCodeStarNotificationsServiceRolePolicy"), true},
    {STR("comprehend.application-autoscaling"), STR("ApplicationAutoScaling_ComprehendEndpoint"),
     STR("AWSApplicationAutoscalingComprehendEndpointPolicy")},
    {STR("config-multiaccountsetup"), STR("ConfigMultiAccountSetup"),
     STR("AWSConfigMultiAccountSetupPolicy")},
    {STR("config"), STR("Config"), STR("AWSConfigServiceRolePolicy"), true},
    {STR("connect"), STR("AmazonConnect"), STR("AmazonConnectServiceLinkedRolePolicy")},
    {STR("custom-resource.application-autoscaling"), STR("ApplicationAutoScaling_CustomResource"),
     STR("AWSApplicationAutoScalingCustomResourcePolicy")},
    {STR("delivery.logs"), STR("LogDelivery"), STR("AWSServiceRoleForLogDeliveryPolicy")},
    {STR("dms-fleet-advisor"), STR("DMSFleetAdvisor"), STR("AWSDMSFleetAdvisorServiceRolePolicy"),
     true},
    {STR("dms"), STR("DMSServerless"), STR("AWSDMSServerlessServiceRolePolicy"), true},
    {STR("docdb-elastic"), STR("DocDB-Elastic"), STR("AmazonDocDB-ElasticServiceRolePolicy"), true},
    {STR("dynamodb.application-autoscaling"), STR("ApplicationAutoScaling_DynamoDBTable"),
     STR("AWSApplicationAutoscalingDynamoDBTablePolicy")},
    {STR("ec2-instance-connect"), STR("Ec2InstanceConnect"), STR("Ec2InstanceConnectEndpoint"),
     true},
    {STR("ec2.application-autoscaling"), STR("ApplicationAutoScaling_EC2SpotFleetRequest"),
     STR("AWSApplicationAutoscalingEC2SpotFleetRequestPolicy"), true},
    {STR("ecr"), STR("ECRTemplate"), STR("ECRTemplateServiceRolePolicy"), true},
    {STR("ecs"), STR("ECS"), STR("AmazonECSServiceRolePolicy"), true},
    {STR("ecs.application-autoscaling"), STR("ApplicationAutoScaling_ECSService"),
     STR("AWSApplicationAutoscalingECSServicePolicy")},
    {STR("eks-connector"), STR("AmazonEKSConnector"), STR("AmazonEKSConnectorServiceRolePolicy"),
     true},
    {STR("eks-fargate"), STR("AmazonEKSForFargate"), STR("AmazonEKSForFargateServiceRolePolicy"),
     true},
    {STR("eks-nodegroup"), STR("AmazonEKSNodegroup"), STR("AWSServiceRoleForAmazonEKSNodegroup"),
     true},
    {STR("eks"), STR("AmazonEKS"), STR("AmazonEKSServiceRolePolicy"), true},
    {STR("elasticache"), STR("ElastiCache"), STR("ElastiCacheServiceRolePolicy"), true},
    {STR("elasticbeanstalk"), STR("ElasticBeanstalk"), STR("AWSElasticBeanstalkServiceRolePolicy"),
     true},
    {STR("elasticfilesystem"), STR("AmazonElasticFileSystem"),
     STR("AmazonElasticFileSystemServiceRolePolicy"), true},
    {STR("elasticloadbalancing"), STR("ElasticLoadBalancing"),
     STR("AWSElasticLoadBalancingServiceRolePolicy"), true},
    {STR("elasticmapreduce"), STR("EMRCleanup"), STR("AmazonEMRCleanupPolicy")},
    {STR("email.cognito-idp"), STR("AmazonCognitoIdpEmailService"),
     STR("AmazonCognitoIdpEmailServiceRolePolicy"), true},
    {STR("emr-containers"), STR("AmazonEMRContainers"), STR("AmazonEMRContainersServiceRolePolicy"),
     true},
    {STR("emrwal"), STR("EMRWAL"), STR("EMRDescribeClusterPolicyForEMRWAL"), true},
    {STR("es"), STR("AmazonElasticsearchService"), STR("AmazonElasticsearchServiceRolePolicy")},
    {STR("events"), STR("CloudWatchEvents"), STR("CloudWatchEventsServiceRolePolicy")},
    {STR("fis"), STR("FIS"), STR("AmazonFISServiceRolePolicy"), true},
    {STR("fms"), STR("FMS"), STR("FMSServiceRolePolicy")},
    {STR("fsx"), STR("AmazonFSx"), STR("AmazonFSxServiceRolePolicy")},
    {STR("globalaccelerator"), STR("GlobalAccelerator"), STR("AWSGlobalAcceleratorSLRPolicy")},
    {STR("grafana"), STR("AmazonGrafana"), STR("AmazonGrafanaServiceLinkedRolePolicy"), true},
    {STR("guardduty"), STR("AmazonGuardDuty"), STR("AmazonGuardDutyServiceRolePolicy")},
    {STR("imagebuilder"), STR("ImageBuilder"), STR("AWSServiceRoleForImageBuilder"), true},
    {STR("inspector2"), STR("AmazonInspector2"), STR("AmazonInspector2ServiceRolePolicy")},
    {STR("iotmanagedintegrations"), STR("IoTManagedIntegrations"),
     STR("AWSIoTManagedIntegrationsRolePolicy"), true},
    {STR("kafka"), STR("Kafka"), STR("KafkaServiceRolePolicy"), true},
    {STR("kafkaconnect"), STR("KafkaConnect"), STR("KafkaConnectServiceRolePolicy"), true},
    {STR("lakeformation"), STR("LakeFormationDataAccess"),
     STR("LakeFormationDataAccessServiceRolePolicy"), true},
    {STR("lambda.application-autoscaling"), STR("ApplicationAutoScaling_LambdaConcurrency"),
     STR("AWSApplicationAutoscalingLambdaConcurrencyPolicy")},
    {STR("lex"), STR("LexBots"), STR("AmazonLexBotPolicy"), true},
    {STR("lexv2"), STR("LexV2Bots"), STR("AmazonLexV2BotPolicy")},
    {STR("lightsail"), STR("Lightsail"), STR("LightsailExportAccess"), true},
    {STR("logger.cloudfront"), STR("CloudFrontLogger"), STR("AWSCloudFrontLogger")},
    {STR("m2"), STR("AWSM2"), STR("AWSM2ServicePolicy"), true},
    {STR("macie"), STR("AmazonMacie"), STR("AmazonMacieServiceRolePolicy")},
    {STR("memorydb"), STR("MemoryDB"), STR("MemoryDBServiceRolePolicy"), true},
    {STR("mq"), STR("AmazonMQ"), STR("AmazonMQServiceRolePolicy"), true},
    {STR("mrk.kms"), STR("KeyManagementServiceMultiRegionKeys"),
     STR("AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"), true},
    {STR("network-firewall"), STR("NetworkFirewall"), STR("NetworkFirewallServiceRolePolicy")},
    {STR("networkmanager"), STR("NetworkManager"), STR("AWSNetworkManagerServiceRolePolicy")},
    {STR("notifications"), STR("AwsUserNotifications"),
     STR("AWSUserNotificationsServiceLinkedRolePolicy"), true},
    {STR("observability.aoss"), STR("AmazonOpenSearchServerless"),
     STR("AmazonOpenSearchServerlessServiceRolePolicy"), true},
    {STR("opensearchservice"), STR("AmazonOpenSearchService"),
     STR("AmazonOpenSearchServiceRolePolicy"), true},
    {STR("ops.apigateway"), STR("APIGateway"), STR("APIGatewayServiceRolePolicy"), true},
    {STR("ops.emr-serverless"), STR("AmazonEMRServerless"),
     STR("AmazonEMRServerlessServiceRolePolicy"), true},
    {STR("opsdatasync.ssm"), STR("SystemsManagerOpsDataSync"),
     STR("AWSSystemsManagerOpsDataSyncServiceRolePolicy"), true},
    {STR("opsinsights.ssm"), STR("AmazonSSM_OpsInsights"),
     STR("AWSSSMOpsInsightsServiceRolePolicy"), true},
    {STR("organizations"), STR("Organizations"), STR("AWSOrganizationsServiceTrustPolicy")},
    {STR("pullthroughcache.ecr"), STR("ECRPullThroughCache"),
     STR("AWSECRPullThroughCache_ServiceRolePolicy"), true},
    {STR("ram"), STR("ResourceAccessManager"), STR("AWSResourceAccessManagerServiceRolePolicy"),
     true},
    {STR("rds"), STR("RDS"), STR("AmazonRDSServiceRolePolicy"), true,
     STR("Allows Amazon RDS to manage AWS resources on your behalf")},
    {STR("rds.application-autoscaling"), STR("ApplicationAutoScaling_RDSCluster"),
     STR("AWSApplicationAutoscalingRDSClusterPolicy")},
    {STR("redshift"), STR("Redshift"), STR("AmazonRedshiftServiceLinkedRolePolicy"), true},
    {STR("replication.cassandra"), STR("KeyspacesReplication"),
     STR("KeyspacesReplicationServiceRolePolicy"), true},
    {STR("replication.ecr"), STR("ECRReplication"), STR("ECRReplicationServiceRolePolicy"), true},
    {STR("replicator.lambda"), STR("LambdaReplicator"), STR("AWSLambdaReplicator")},
    {STR("repository.sync.codeconnections"), STR("GitSync"), STR("AWSGitSyncServiceRolePolicy"),
     true},
    {STR("resource-explorer-2"), STR("ResourceExplorer"),
     STR("AWSResourceExplorerServiceRolePolicy"), true},
    {STR("rolesanywhere"), STR("RolesAnywhere"), STR("AWSRolesAnywhereServicePolicy"), true},
    {STR("s3-outposts"), STR("S3OnOutposts"), STR("AWSS3OnOutpostsServiceRolePolicy"), true},
    {STR("sagemaker.application-autoscaling"), STR("ApplicationAutoScaling_SageMakerEndpoint"),
     STR("AWSApplicationAutoscalingSageMakerEndpointPolicy")},
    {STR("securityhub"), STR("SecurityHub"), STR("AWSSecurityHubServiceRolePolicy")},
    {STR("ses"), STR("AmazonSES"), STR("AmazonSESServiceRolePolicy"), true},
    {STR("shield"), STR("AWSShield"), STR("AWSShieldServiceRolePolicy"), true},
    {STR("spot"), STR("EC2Spot"), STR("AWSEC2SpotServiceRolePolicy")},
    {STR("spotfleet"), STR("EC2SpotFleet"), STR("AWSEC2SpotFleetServiceRolePolicy")},
    {STR("ssm-incidents"), STR("IncidentManager"), STR("AWSIncidentManagerServiceRolePolicy"),
     true},
    {STR("ssm-quicksetup"), STR("SSMQuickSetup"), STR("SSMQuickSetupRolePolicy"), true},
    {STR("ssm"), STR("AmazonSSM"), STR("AmazonSSMServiceRolePolicy"), true,
     STR("Provides access to AWS Resources managed or used by Amazon SSM.")},
    {STR("sso"), STR("SSO"), STR("AWSSSOServiceRolePolicy"), true,
     STR("Service-linked role used by AWS SSO to manage AWS resources, including IAM roles, policies and SAML IdP on your behalf.")},
    {STR("support"), STR("Support"), STR("AWSSupportServiceRolePolicy")},
    {STR("transitgateway"), STR("VPCTransitGateway"), STR("AWSVPCTransitGatewayServiceRolePolicy")},
    {STR("trustedadvisor"), STR("TrustedAdvisor"), STR("AWSTrustedAdvisorServiceRolePolicy")},
    {STR("vpcorigin.cloudfront"), STR("CloudFrontVPCOrigin"),
     STR("AWSCloudFrontVPCOriginServiceRolePolicy"), true},
    {STR("waf"), STR("WAFLogging"), STR("WAFLoggingServiceRolePolicy"), true},
    {STR("wafv2"), STR("WAFV2Logging"), STR("WAFV2LoggingServiceRolePolicy"), true},
};

static const struct service_role *find_service(struct str service) {
    for (size_t i = 0; i < COUNT(service_roles); i++)
        if (str_eq(service_roles[i].service,
                   str_slice(service, 0, service.len - (sizeof DOMAIN - 1))))
            return &service_roles[i];
    return NULL;
}

static struct str role_name(struct call *call, const struct service_role *known, struct str service,
                            struct str suffix) {
    ptrdiff_t dot = str_find_byte(service, '.');
    struct str name = known ? known->name : str_slice(service, 0, (size_t)dot);
    return str_format(call->arena, "AWSServiceRoleFor%.*s%s%.*s", STR_ARG(name),
                      suffix.len ? "_" : "", STR_ARG(suffix));
}

/* The answer of the creation writes the trust with lists, every later one without. */
static void answer(struct call *call, const struct entity *role, struct str service) {
    struct message *to =
        message_make(call->arena, call->response, M_CreateServiceLinkedRoleResponse_Role);
    describe_full(call, role, to);
    message_unset(to, M_Role_MaxSessionDuration);
    message_unset(to, M_Role_RoleLastUsed);
    message_set_str(
        to, M_Role_AssumeRolePolicyDocument,
        call_escaped(call, str_format(call->arena,
                                      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":"
                                      "[\"sts:AssumeRole\"],\"Effect\":\"Allow\",\"Principal\":{"
                                      "\"Service\":[\"%.*s\"]}}]}",
                                      STR_ARG(service))));
}

static struct message *new_body(struct call *call, const struct service_role *known,
                                struct str service) {
    const struct model_api *api = model_api(SERVICE_IAM);
    struct message *body = message_new(call->arena, api, &api->shapes[T_IAM_Role]);
    if (known && known->description.len)
        message_set_str(body, M_Role_Description, known->description);
    message_copy(body, call->request);
    message_set_int(body, M_Role_MaxSessionDuration, CREATION_SESSION_S);
    message_set_str(body, M_Role_AssumeRolePolicyDocument,
                    str_format(call->arena,
                               "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                               "\"Principal\":{\"Service\":\"%.*s\"},\"Action\":"
                               "\"sts:AssumeRole\"}]}",
                               STR_ARG(service)));
    return body;
}

/* Policies of services that this server does not know stay away. */
static void attach_policy(struct call *call, const struct entity *role,
                          const struct service_role *known) {
    struct str arn = call_arn(call, S("aws"), "policy", S("/aws-service-role/"), known->policy);
    struct entity *policy = kind_look_up(call, KIND_POLICY, arn);
    if (policy)
        link_add(call->tx, LINK_ATTACHED, role->id, policy->id, call->now_ms);
}

bool service_role_create(struct call *call) {
    const struct message *request = call->request;
    struct str service = message_str(request, M_CreateServiceLinkedRoleRequest_AWSServiceName);
    struct str suffix = message_str(request, M_CreateServiceLinkedRoleRequest_CustomSuffix);
    if (!str_ends(service, S(DOMAIN)))
        return call_fail(call, FAULT_INVALID_INPUT,
                         "Service role name %.*s is not a valid AWS service principal.",
                         STR_ARG(service));
    const struct service_role *known = find_service(service);
    struct str name = role_name(call, known, service, suffix);
    if (suffix.len && known && known->one_only && !call->server->permissive)
        return call_fail(call, FAULT_INVALID_INPUT, "Custom suffix is not allowed for %.*s",
                         STR_ARG(service));
    if (kind_look_up(call, KIND_ROLE, name))
        return call_fail(call, FAULT_INVALID_INPUT,
                         "Service role name %.*s has been taken in this account, please try a "
                         "different suffix.",
                         STR_ARG(name));
    struct entity *role = kind_create(
        call, KIND_ROLE, name, str_format(call->arena, "/aws-service-role/%.*s/", STR_ARG(service)),
        S(""), new_body(call, known, service), S(""));
    if (!role)
        return false;
    if (known)
        attach_policy(call, role, known);
    answer(call, role, service);
    return true;
}
