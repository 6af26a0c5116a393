/** Lost at once, and never usual. */
export const VITAL = ['Available', 'EtcdAvailable', 'KubeAPIServerAvailable'] as const;
/** Never usual either: they say that the control plane itself is not right. */
export const NEVER_USUAL: readonly string[] = [
  ...VITAL,
  'Degraded',
  'ReconciliationSucceeded',
  'InfrastructureReady',
];

/**
 * Expected True (support/conditions/conditions.go). A condition that is missing, or Unknown, says nothing: releases and platforms
 * have different ones. ReconciliationActive is left out, since False means paused; Progressing and versions are never read.
 */
export const EXPECTED_TRUE: readonly string[] = [
  ...VITAL,
  'InfrastructureReady',
  'IgnitionEndpointAvailable',
  'ValidReleaseInfo',
  'ValidConfiguration',
  'SupportedHostedCluster',
  'ClusterVersionSucceeding',
  'ClusterVersionAvailable',
  'ClusterVersionReleaseAccepted',
  'ReconciliationSucceeded',
  'ConfigOperatorReconciliationSucceeded',
  'ValidHostedControlPlaneConfiguration',
  'ValidReleaseImage',
  'PlatformCredentialsFound',
  'DataPlaneConnectionAvailable',
  'ControlPlaneConnectionAvailable',
  'ValidOIDCConfiguration',
  'ValidAWSIdentityProvider',
  'AWSDefaultSecurityGroupCreated',
  'AWSEndpointAvailable',
  'AWSEndpointServiceAvailable',
  'ValidAWSKMSConfig',
  'ValidAzureKMSConfig',
  'ValidGCPWorkloadIdentity',
  'ValidGCPCredentials',
  'GCPEndpointAvailable',
  'GCPServiceAttachmentAvailable',
  'UnmanagedEtcdAvailable',
  'ExternalDNSReachable',
];
