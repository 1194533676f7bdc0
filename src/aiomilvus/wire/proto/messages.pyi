# Written by tools/build_protos.py from the .proto files here; don't edit it by hand.
# The names are the protocol's:
# ruff: noqa: A002, N802, N803, N815
# mypy: disable-error-code="explicit-override"

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Literal, TypeAlias

from google.protobuf.internal.containers import (
    MessageMap,
    RepeatedCompositeFieldContainer,
    RepeatedScalarFieldContainer,
    ScalarMap,
)
from google.protobuf.message import Message

class ErrorCode(IntEnum):
    Success = 0
    UnexpectedError = 1
    ConnectFailed = 2
    PermissionDenied = 3
    CollectionNotExists = 4
    IllegalArgument = 5
    IllegalDimension = 7
    IllegalIndexType = 8
    IllegalCollectionName = 9
    IllegalTOPK = 10
    IllegalRowRecord = 11
    IllegalVectorID = 12
    IllegalSearchResult = 13
    FileNotFound = 14
    MetaFailed = 15
    CacheFailed = 16
    CannotCreateFolder = 17
    CannotCreateFile = 18
    CannotDeleteFolder = 19
    CannotDeleteFile = 20
    BuildIndexError = 21
    IllegalNLIST = 22
    IllegalMetricType = 23
    OutOfMemory = 24
    IndexNotExist = 25
    EmptyCollection = 26
    UpdateImportTaskFailure = 27
    CollectionNameNotFound = 28
    CreateCredentialFailure = 29
    UpdateCredentialFailure = 30
    DeleteCredentialFailure = 31
    GetCredentialFailure = 32
    ListCredUsersFailure = 33
    GetUserFailure = 34
    CreateRoleFailure = 35
    DropRoleFailure = 36
    OperateUserRoleFailure = 37
    SelectRoleFailure = 38
    SelectUserFailure = 39
    SelectResourceFailure = 40
    OperatePrivilegeFailure = 41
    SelectGrantFailure = 42
    RefreshPolicyInfoCacheFailure = 43
    ListPolicyFailure = 44
    NotShardLeader = 45
    NoReplicaAvailable = 46
    SegmentNotFound = 47
    ForceDeny = 48
    RateLimit = 49
    NodeIDNotMatch = 50
    UpsertAutoIDTrue = 51
    InsufficientMemoryToLoad = 52
    MemoryQuotaExhausted = 53
    DiskQuotaExhausted = 54
    TimeTickLongDelay = 55
    NotReadyServe = 56
    NotReadyCoordActivating = 57
    CreatePrivilegeGroupFailure = 58
    DropPrivilegeGroupFailure = 59
    ListPrivilegeGroupsFailure = 60
    OperatePrivilegeGroupFailure = 61
    SchemaMismatch = 62
    DataCoordNA = 100
    DDRequestRace = 1000

class MsgType(IntEnum):
    Undefined = 0
    CreateCollection = 100
    DropCollection = 101
    HasCollection = 102
    DescribeCollection = 103
    ShowCollections = 104
    GetSystemConfigs = 105
    LoadCollection = 106
    ReleaseCollection = 107
    CreateAlias = 108
    DropAlias = 109
    AlterAlias = 110
    AlterCollection = 111
    RenameCollection = 112
    DescribeAlias = 113
    ListAliases = 114
    AlterCollectionField = 115
    AddCollectionFunction = 116
    AlterCollectionFunction = 117
    DropCollectionFunction = 118
    TruncateCollection = 119
    CreatePartition = 200
    DropPartition = 201
    HasPartition = 202
    DescribePartition = 203
    ShowPartitions = 204
    LoadPartitions = 205
    ReleasePartitions = 206
    ShowSegments = 250
    DescribeSegment = 251
    LoadSegments = 252
    ReleaseSegments = 253
    HandoffSegments = 254
    LoadBalanceSegments = 255
    DescribeSegments = 256
    FederListIndexedSegment = 257
    FederDescribeSegmentIndexData = 258
    CreateIndex = 300
    DescribeIndex = 301
    DropIndex = 302
    GetIndexStatistics = 303
    AlterIndex = 304
    Insert = 400
    Delete = 401
    Flush = 402
    ResendSegmentStats = 403
    Upsert = 404
    ManualFlush = 405
    FlushSegment = 406
    CreateSegment = 407
    Import = 408
    FlushAll = 409
    Search = 500
    SearchResult = 501
    GetIndexState = 502
    GetIndexBuildProgress = 503
    GetCollectionStatistics = 504
    GetPartitionStatistics = 505
    Retrieve = 506
    RetrieveResult = 507
    WatchDmChannels = 508
    RemoveDmChannels = 509
    WatchQueryChannels = 510
    RemoveQueryChannels = 511
    SealedSegmentsChangeInfo = 512
    WatchDeltaChannels = 513
    GetShardLeaders = 514
    GetReplicas = 515
    UnsubDmChannel = 516
    GetDistribution = 517
    SyncDistribution = 518
    RunAnalyzer = 519
    SegmentInfo = 600
    SystemInfo = 601
    GetRecoveryInfo = 602
    GetSegmentState = 603
    TimeTick = 1200
    QueryNodeStats = 1201
    LoadIndex = 1202
    RequestID = 1203
    RequestTSO = 1204
    AllocateSegment = 1205
    SegmentStatistics = 1206
    SegmentFlushDone = 1207
    DataNodeTt = 1208
    Connect = 1209
    ListClientInfos = 1210
    AllocTimestamp = 1211
    Replicate = 1212
    CreateCredential = 1500
    GetCredential = 1501
    DeleteCredential = 1502
    UpdateCredential = 1503
    ListCredUsernames = 1504
    CreateRole = 1600
    DropRole = 1601
    OperateUserRole = 1602
    SelectRole = 1603
    SelectUser = 1604
    SelectResource = 1605
    OperatePrivilege = 1606
    SelectGrant = 1607
    RefreshPolicyInfoCache = 1608
    ListPolicy = 1609
    CreatePrivilegeGroup = 1610
    DropPrivilegeGroup = 1611
    ListPrivilegeGroups = 1612
    OperatePrivilegeGroup = 1613
    OperatePrivilegeV2 = 1614
    AlterRole = 1615
    CreateResourceGroup = 1700
    DropResourceGroup = 1701
    ListResourceGroups = 1702
    DescribeResourceGroup = 1703
    TransferNode = 1704
    TransferReplica = 1705
    UpdateResourceGroups = 1706
    CreateDatabase = 1801
    DropDatabase = 1802
    ListDatabases = 1803
    AlterDatabase = 1804
    DescribeDatabase = 1805
    AddCollectionField = 1900
    AlterWAL = 2000
    CreateSnapshot = 2100
    DropSnapshot = 2101
    ListSnapshots = 2102
    DescribeSnapshot = 2103
    RestoreSnapshot = 2104
    GetRestoreSnapshotState = 2105
    ListRestoreSnapshotJobs = 2106
    PinSnapshotData = 2107
    UnpinSnapshotData = 2108
    RestoreExternalSnapshot = 2109
    ExportSnapshot = 2110
    AlterCollectionSchema = 2200
    RefreshExternalCollection = 2300
    GetRefreshExternalCollectionProgress = 2301
    ListRefreshExternalCollectionJobs = 2302
    GetExportSnapshotState = 2111

class ConsistencyLevel(IntEnum):
    Strong = 0
    Session = 1
    Bounded = 2
    Eventually = 3
    Customized = 4

class DslType(IntEnum):
    Dsl = 0
    BoolExprV1 = 1

class LoadState(IntEnum):
    LoadStateNotExist = 0
    LoadStateNotLoad = 1
    LoadStateLoading = 2
    LoadStateLoaded = 3

class IndexState(IntEnum):
    IndexStateNone = 0
    Unissued = 1
    InProgress = 2
    Finished = 3
    Failed = 4
    Retry = 5

class StateCode(IntEnum):
    Initializing = 0
    Healthy = 1
    Abnormal = 2
    StandBy = 3
    Stopping = 4

class SegmentState(IntEnum):
    SegmentStateNone = 0
    NotExist = 1
    Growing = 2
    Sealed = 3
    Flushed = 4
    Flushing = 5
    Dropped = 6
    Importing = 7

class SegmentLevel(IntEnum):
    Legacy = 0
    L0 = 1
    L1 = 2
    L2 = 3

class CompactionState(IntEnum):
    UndefiedState = 0
    Executing = 1
    Completed = 2

class CompactionTaskState(IntEnum):
    CompactionTaskStateUnknown = 0
    CompactionTaskStateExecuting = 1
    CompactionTaskStatePipelining = 2
    CompactionTaskStateCompleted = 3
    CompactionTaskStateFailed = 4
    CompactionTaskStateTimeout = 5
    CompactionTaskStateAnalyzing = 6
    CompactionTaskStateIndexing = 7
    CompactionTaskStateCleaned = 8
    CompactionTaskStateMetaSaved = 9
    CompactionTaskStateStatistic = 10

class CompactionType(IntEnum):
    CompactionTypeUndefined = 0
    CompactionTypeMerge = 2
    CompactionTypeMix = 3
    CompactionTypeSingle = 4
    CompactionTypeMinor = 5
    CompactionTypeMajor = 6
    CompactionTypeLevel0Delete = 7
    CompactionTypeClustering = 8
    CompactionTypeSort = 9
    CompactionTypePartitionKeySort = 10
    CompactionTypeClusteringPartitionKeySort = 11
    CompactionTypeBumpSchemaVersion = 12

class ImportState(IntEnum):
    ImportPending = 0
    ImportFailed = 1
    ImportStarted = 2
    ImportPersisted = 5
    ImportFlushed = 8
    ImportCompleted = 6
    ImportFailedAndCleaned = 7

class Status(Message):
    error_code: int
    reason: str
    code: int
    retriable: bool
    detail: str
    @property
    def extra_info(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        error_code: int | None = ...,
        reason: str | None = ...,
        code: int | None = ...,
        retriable: bool | None = ...,
        detail: str | None = ...,
        extra_info: Mapping[str, str] | None = ...,
    ) -> None: ...

class KeyValuePair(Message):
    key: str
    value: str
    def __init__(self, *, key: str | None = ..., value: str | None = ...) -> None: ...

class KeyDataPair(Message):
    key: str
    data: bytes
    def __init__(self, *, key: str | None = ..., data: bytes | None = ...) -> None: ...

class MsgBase(Message):
    msg_type: int
    msgID: int
    timestamp: int
    sourceID: int
    targetID: int
    @property
    def properties(self) -> ScalarMap[str, str]: ...
    @property
    def replicateInfo(self) -> ReplicateInfo: ...
    def __init__(
        self,
        *,
        msg_type: int | None = ...,
        msgID: int | None = ...,
        timestamp: int | None = ...,
        sourceID: int | None = ...,
        targetID: int | None = ...,
        properties: Mapping[str, str] | None = ...,
        replicateInfo: ReplicateInfo | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["replicateInfo"]) -> bool: ...

class ReplicateInfo(Message):
    isReplicate: bool
    msgTimestamp: int
    replicateID: str
    def __init__(
        self,
        *,
        isReplicate: bool | None = ...,
        msgTimestamp: int | None = ...,
        replicateID: str | None = ...,
    ) -> None: ...

class ClientInfo(Message):
    sdk_type: str
    sdk_version: str
    local_time: str
    user: str
    host: str
    @property
    def reserved(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        sdk_type: str | None = ...,
        sdk_version: str | None = ...,
        local_time: str | None = ...,
        user: str | None = ...,
        host: str | None = ...,
        reserved: Mapping[str, str] | None = ...,
    ) -> None: ...

class ServerInfo(Message):
    build_tags: str
    build_time: str
    git_commit: str
    go_version: str
    deploy_mode: str
    @property
    def reserved(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        build_tags: str | None = ...,
        build_time: str | None = ...,
        git_commit: str | None = ...,
        go_version: str | None = ...,
        deploy_mode: str | None = ...,
        reserved: Mapping[str, str] | None = ...,
    ) -> None: ...

class Address(Message):
    ip: str
    port: int
    def __init__(self, *, ip: str | None = ..., port: int | None = ...) -> None: ...

class NodeInfo(Message):
    node_id: int
    address: str
    hostname: str
    def __init__(
        self, *, node_id: int | None = ..., address: str | None = ..., hostname: str | None = ...
    ) -> None: ...

class OperateUserRoleType(IntEnum):
    AddUserToRole = 0
    RemoveUserFromRole = 1

class OperatePrivilegeType(IntEnum):
    Grant = 0
    Revoke = 1

class OperatePrivilegeGroupType(IntEnum):
    AddPrivilegesToGroup = 0
    RemovePrivilegesFromGroup = 1

class RowPolicyAction(IntEnum):
    Query = 0
    Search = 1
    Insert = 2
    Delete = 3
    Upsert = 4

class CreateCredentialRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    username: str
    password: str
    created_utc_timestamps: int
    modified_utc_timestamps: int
    description: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        username: str | None = ...,
        password: str | None = ...,
        created_utc_timestamps: int | None = ...,
        modified_utc_timestamps: int | None = ...,
        description: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "description"]) -> bool: ...

class UpdateCredentialRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    username: str
    oldPassword: str
    newPassword: str
    created_utc_timestamps: int
    modified_utc_timestamps: int
    description: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        username: str | None = ...,
        oldPassword: str | None = ...,
        newPassword: str | None = ...,
        created_utc_timestamps: int | None = ...,
        modified_utc_timestamps: int | None = ...,
        description: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "description"]) -> bool: ...

class DeleteCredentialRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    username: str
    def __init__(self, *, base: MsgBase | None = ..., username: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListCredUsersRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    def __init__(self, *, base: MsgBase | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListCredUsersResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def usernames(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self, *, status: Status | None = ..., usernames: Iterable[str] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class SelectUserRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def user(self) -> UserEntity: ...
    include_role_info: bool
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        user: UserEntity | None = ...,
        include_role_info: bool | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "user"]) -> bool: ...

class SelectUserResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def results(self) -> RepeatedCompositeFieldContainer[UserResult]: ...
    def __init__(
        self, *, status: Status | None = ..., results: Iterable[UserResult] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class UserResult(Message):
    @property
    def user(self) -> UserEntity: ...
    @property
    def roles(self) -> RepeatedCompositeFieldContainer[RoleEntity]: ...
    description: str
    def __init__(
        self,
        *,
        user: UserEntity | None = ...,
        roles: Iterable[RoleEntity] | None = ...,
        description: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["user"]) -> bool: ...

class UserEntity(Message):
    name: str
    def __init__(self, *, name: str | None = ...) -> None: ...

class CreateRoleRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def entity(self) -> RoleEntity: ...
    def __init__(self, *, base: MsgBase | None = ..., entity: RoleEntity | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base", "entity"]) -> bool: ...

class AlterRoleRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    role_name: str
    description: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        role_name: str | None = ...,
        description: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropRoleRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    role_name: str
    force_drop: bool
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        role_name: str | None = ...,
        force_drop: bool | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class SelectRoleRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def role(self) -> RoleEntity: ...
    include_user_info: bool
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        role: RoleEntity | None = ...,
        include_user_info: bool | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "role"]) -> bool: ...

class SelectRoleResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def results(self) -> RepeatedCompositeFieldContainer[RoleResult]: ...
    def __init__(
        self, *, status: Status | None = ..., results: Iterable[RoleResult] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class RoleResult(Message):
    @property
    def role(self) -> RoleEntity: ...
    @property
    def users(self) -> RepeatedCompositeFieldContainer[UserEntity]: ...
    def __init__(
        self, *, role: RoleEntity | None = ..., users: Iterable[UserEntity] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["role"]) -> bool: ...

class RoleEntity(Message):
    name: str
    description: str
    def __init__(self, *, name: str | None = ..., description: str | None = ...) -> None: ...

class OperateUserRoleRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    username: str
    role_name: str
    type: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        username: str | None = ...,
        role_name: str | None = ...,
        type: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class OperatePrivilegeRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def entity(self) -> GrantEntity: ...
    type: int
    version: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        entity: GrantEntity | None = ...,
        type: int | None = ...,
        version: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "entity"]) -> bool: ...

class OperatePrivilegeV2Request(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def role(self) -> RoleEntity: ...
    @property
    def grantor(self) -> GrantorEntity: ...
    type: int
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        role: RoleEntity | None = ...,
        grantor: GrantorEntity | None = ...,
        type: int | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "role", "grantor"]) -> bool: ...

class SelectGrantRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def entity(self) -> GrantEntity: ...
    def __init__(self, *, base: MsgBase | None = ..., entity: GrantEntity | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base", "entity"]) -> bool: ...

class SelectGrantResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def entities(self) -> RepeatedCompositeFieldContainer[GrantEntity]: ...
    def __init__(
        self, *, status: Status | None = ..., entities: Iterable[GrantEntity] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GrantEntity(Message):
    @property
    def role(self) -> RoleEntity: ...
    @property
    def object(self) -> ObjectEntity: ...
    object_name: str
    @property
    def grantor(self) -> GrantorEntity: ...
    db_name: str
    def __init__(
        self,
        *,
        role: RoleEntity | None = ...,
        object: ObjectEntity | None = ...,
        object_name: str | None = ...,
        grantor: GrantorEntity | None = ...,
        db_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["role", "object", "grantor"]) -> bool: ...

class GrantorEntity(Message):
    @property
    def user(self) -> UserEntity: ...
    @property
    def privilege(self) -> PrivilegeEntity: ...
    def __init__(
        self, *, user: UserEntity | None = ..., privilege: PrivilegeEntity | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["user", "privilege"]) -> bool: ...

class ObjectEntity(Message):
    name: str
    def __init__(self, *, name: str | None = ...) -> None: ...

class PrivilegeEntity(Message):
    name: str
    def __init__(self, *, name: str | None = ...) -> None: ...

class CreatePrivilegeGroupRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    group_name: str
    def __init__(self, *, base: MsgBase | None = ..., group_name: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropPrivilegeGroupRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    group_name: str
    def __init__(self, *, base: MsgBase | None = ..., group_name: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListPrivilegeGroupsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    def __init__(self, *, base: MsgBase | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListPrivilegeGroupsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def privilege_groups(self) -> RepeatedCompositeFieldContainer[PrivilegeGroupInfo]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        privilege_groups: Iterable[PrivilegeGroupInfo] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class PrivilegeGroupInfo(Message):
    group_name: str
    @property
    def privileges(self) -> RepeatedCompositeFieldContainer[PrivilegeEntity]: ...
    def __init__(
        self, *, group_name: str | None = ..., privileges: Iterable[PrivilegeEntity] | None = ...
    ) -> None: ...

class OperatePrivilegeGroupRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    group_name: str
    @property
    def privileges(self) -> RepeatedCompositeFieldContainer[PrivilegeEntity]: ...
    type: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        group_name: str | None = ...,
        privileges: Iterable[PrivilegeEntity] | None = ...,
        type: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class BackupRBACMetaRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    def __init__(self, *, base: MsgBase | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class BackupRBACMetaResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def RBAC_meta(self) -> RBACMeta: ...
    def __init__(
        self, *, status: Status | None = ..., RBAC_meta: RBACMeta | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "RBAC_meta"]) -> bool: ...

class RestoreRBACMetaRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def RBAC_meta(self) -> RBACMeta: ...
    def __init__(self, *, base: MsgBase | None = ..., RBAC_meta: RBACMeta | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base", "RBAC_meta"]) -> bool: ...

class RBACMeta(Message):
    @property
    def users(self) -> RepeatedCompositeFieldContainer[UserInfo]: ...
    @property
    def roles(self) -> RepeatedCompositeFieldContainer[RoleEntity]: ...
    @property
    def grants(self) -> RepeatedCompositeFieldContainer[GrantEntity]: ...
    @property
    def privilege_groups(self) -> RepeatedCompositeFieldContainer[PrivilegeGroupInfo]: ...
    def __init__(
        self,
        *,
        users: Iterable[UserInfo] | None = ...,
        roles: Iterable[RoleEntity] | None = ...,
        grants: Iterable[GrantEntity] | None = ...,
        privilege_groups: Iterable[PrivilegeGroupInfo] | None = ...,
    ) -> None: ...

class UserInfo(Message):
    user: str
    password: str
    @property
    def roles(self) -> RepeatedCompositeFieldContainer[RoleEntity]: ...
    def __init__(
        self,
        *,
        user: str | None = ...,
        password: str | None = ...,
        roles: Iterable[RoleEntity] | None = ...,
    ) -> None: ...

class AddUserTagsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    user_name: str
    @property
    def tags(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        user_name: str | None = ...,
        tags: Mapping[str, str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DeleteUserTagsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    user_name: str
    @property
    def tag_keys(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        user_name: str | None = ...,
        tag_keys: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetUserTagsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    user_name: str
    def __init__(self, *, base: MsgBase | None = ..., user_name: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetUserTagsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def tags(self) -> ScalarMap[str, str]: ...
    def __init__(
        self, *, status: Status | None = ..., tags: Mapping[str, str] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ListUsersWithTagRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    tag_key: str
    tag_value: str
    def __init__(
        self, *, base: MsgBase | None = ..., tag_key: str | None = ..., tag_value: str | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListUsersWithTagResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def user_names(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self, *, status: Status | None = ..., user_names: Iterable[str] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class CreateRowPolicyRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    policy_name: str
    @property
    def actions(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def roles(self) -> RepeatedScalarFieldContainer[str]: ...
    using_expr: str
    check_expr: str
    description: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        policy_name: str | None = ...,
        actions: Iterable[int] | None = ...,
        roles: Iterable[str] | None = ...,
        using_expr: str | None = ...,
        check_expr: str | None = ...,
        description: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropRowPolicyRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    policy_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        policy_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListRowPoliciesRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListRowPoliciesResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def policies(self) -> RepeatedCompositeFieldContainer[RowPolicy]: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        status: Status | None = ...,
        policies: Iterable[RowPolicy] | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class RowPolicy(Message):
    policy_name: str
    @property
    def actions(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def roles(self) -> RepeatedScalarFieldContainer[str]: ...
    using_expr: str
    check_expr: str
    description: str
    created_at: int
    def __init__(
        self,
        *,
        policy_name: str | None = ...,
        actions: Iterable[int] | None = ...,
        roles: Iterable[str] | None = ...,
        using_expr: str | None = ...,
        check_expr: str | None = ...,
        description: str | None = ...,
        created_at: int | None = ...,
    ) -> None: ...

class DataType(IntEnum):
    Bool = 1
    Int8 = 2
    Int16 = 3
    Int32 = 4
    Int64 = 5
    Float = 10
    Double = 11
    String = 20
    VarChar = 21
    Array = 22
    JSON = 23
    Geometry = 24
    Text = 25
    Timestamptz = 26
    Mol = 27
    Date = 28
    Time = 29
    Decimal = 30
    BinaryVector = 100
    FloatVector = 101
    Float16Vector = 102
    BFloat16Vector = 103
    SparseFloatVector = 104
    Int8Vector = 105
    ArrayOfVector = 106
    ArrayOfStruct = 200
    Struct = 201

class FieldState(IntEnum):
    FieldCreated = 0
    FieldCreating = 1
    FieldDropping = 2
    FieldDropped = 3

class FunctionType(IntEnum):
    Unknown = 0
    BM25 = 1
    TextEmbedding = 2
    Rerank = 3
    MinHash = 4
    MolFingerprint = 5

class FunctionChainStage(IntEnum):
    FunctionChainStageUnspecified = 0
    FunctionChainStageIngestion = 1
    FunctionChainStagePreProcess = 2
    FunctionChainStageL0Rerank = 3
    FunctionChainStageL1Rerank = 4
    FunctionChainStageL2Rerank = 5
    FunctionChainStagePostProcess = 6

class CollectionSchema(Message):
    name: str
    description: str
    autoID: bool
    @property
    def fields(self) -> RepeatedCompositeFieldContainer[FieldSchema]: ...
    enable_dynamic_field: bool
    @property
    def properties(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    @property
    def functions(self) -> RepeatedCompositeFieldContainer[FunctionSchema]: ...
    dbName: str
    @property
    def struct_array_fields(self) -> RepeatedCompositeFieldContainer[StructArrayFieldSchema]: ...
    version: int
    external_source: str
    external_spec: str
    do_physical_backfill: bool
    @property
    def file_resource_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    enable_namespace: bool
    def __init__(
        self,
        *,
        name: str | None = ...,
        description: str | None = ...,
        autoID: bool | None = ...,
        fields: Iterable[FieldSchema] | None = ...,
        enable_dynamic_field: bool | None = ...,
        properties: Iterable[KeyValuePair] | None = ...,
        functions: Iterable[FunctionSchema] | None = ...,
        dbName: str | None = ...,
        struct_array_fields: Iterable[StructArrayFieldSchema] | None = ...,
        version: int | None = ...,
        external_source: str | None = ...,
        external_spec: str | None = ...,
        do_physical_backfill: bool | None = ...,
        file_resource_ids: Iterable[int] | None = ...,
        enable_namespace: bool | None = ...,
    ) -> None: ...

class FieldSchema(Message):
    fieldID: int
    name: str
    is_primary_key: bool
    description: str
    data_type: int
    @property
    def type_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    @property
    def index_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    autoID: bool
    state: int
    element_type: int
    @property
    def default_value(self) -> ValueField: ...
    is_dynamic: bool
    is_partition_key: bool
    is_clustering_key: bool
    nullable: bool
    is_function_output: bool
    external_field: str
    def __init__(
        self,
        *,
        fieldID: int | None = ...,
        name: str | None = ...,
        is_primary_key: bool | None = ...,
        description: str | None = ...,
        data_type: int | None = ...,
        type_params: Iterable[KeyValuePair] | None = ...,
        index_params: Iterable[KeyValuePair] | None = ...,
        autoID: bool | None = ...,
        state: int | None = ...,
        element_type: int | None = ...,
        default_value: ValueField | None = ...,
        is_dynamic: bool | None = ...,
        is_partition_key: bool | None = ...,
        is_clustering_key: bool | None = ...,
        nullable: bool | None = ...,
        is_function_output: bool | None = ...,
        external_field: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["default_value"]) -> bool: ...

class StructArrayFieldSchema(Message):
    fieldID: int
    name: str
    description: str
    @property
    def fields(self) -> RepeatedCompositeFieldContainer[FieldSchema]: ...
    @property
    def type_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    nullable: bool
    def __init__(
        self,
        *,
        fieldID: int | None = ...,
        name: str | None = ...,
        description: str | None = ...,
        fields: Iterable[FieldSchema] | None = ...,
        type_params: Iterable[KeyValuePair] | None = ...,
        nullable: bool | None = ...,
    ) -> None: ...

class ValueField(Message):
    bool_data: bool
    int_data: int
    long_data: int
    float_data: float
    double_data: float
    string_data: str
    bytes_data: bytes
    timestamptz_data: int
    date_data: int
    time_data: int
    def __init__(
        self,
        *,
        bool_data: bool | None = ...,
        int_data: int | None = ...,
        long_data: int | None = ...,
        float_data: float | None = ...,
        double_data: float | None = ...,
        string_data: str | None = ...,
        bytes_data: bytes | None = ...,
        timestamptz_data: int | None = ...,
        date_data: int | None = ...,
        time_data: int | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "bool_data",
            "int_data",
            "long_data",
            "float_data",
            "double_data",
            "string_data",
            "bytes_data",
            "timestamptz_data",
            "date_data",
            "time_data",
        ],
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["data"]
    ) -> (
        Literal[
            "bool_data",
            "int_data",
            "long_data",
            "float_data",
            "double_data",
            "string_data",
            "bytes_data",
            "timestamptz_data",
            "date_data",
            "time_data",
        ]
        | None
    ): ...

class FunctionSchema(Message):
    name: str
    id: int
    description: str
    type: int
    @property
    def input_field_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def input_field_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def output_field_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def output_field_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        id: int | None = ...,
        description: str | None = ...,
        type: int | None = ...,
        input_field_names: Iterable[str] | None = ...,
        input_field_ids: Iterable[int] | None = ...,
        output_field_names: Iterable[str] | None = ...,
        output_field_ids: Iterable[int] | None = ...,
        params: Iterable[KeyValuePair] | None = ...,
    ) -> None: ...

class FunctionScore(Message):
    @property
    def functions(self) -> RepeatedCompositeFieldContainer[FunctionSchema]: ...
    @property
    def params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self,
        *,
        functions: Iterable[FunctionSchema] | None = ...,
        params: Iterable[KeyValuePair] | None = ...,
    ) -> None: ...

class FunctionChain(Message):
    name: str
    stage: int
    @property
    def ops(self) -> RepeatedCompositeFieldContainer[FunctionChainOp]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        stage: int | None = ...,
        ops: Iterable[FunctionChainOp] | None = ...,
    ) -> None: ...

class FunctionChainOp(Message):
    op: str
    @property
    def expr(self) -> FunctionChainExpr: ...
    @property
    def inputs(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def outputs(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def params(self) -> MessageMap[str, FunctionParamValue]: ...
    def __init__(
        self,
        *,
        op: str | None = ...,
        expr: FunctionChainExpr | None = ...,
        inputs: Iterable[str] | None = ...,
        outputs: Iterable[str] | None = ...,
        params: Mapping[str, FunctionParamValue] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["expr"]) -> bool: ...

class FunctionChainExpr(Message):
    name: str
    @property
    def args(self) -> RepeatedCompositeFieldContainer[FunctionChainExprArg]: ...
    @property
    def params(self) -> MessageMap[str, FunctionParamValue]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        args: Iterable[FunctionChainExprArg] | None = ...,
        params: Mapping[str, FunctionParamValue] | None = ...,
    ) -> None: ...

class FunctionChainExprArg(Message):
    @property
    def column(self) -> FunctionChainColumnArg: ...
    @property
    def literal(self) -> FunctionParamValue: ...
    def __init__(
        self,
        *,
        column: FunctionChainColumnArg | None = ...,
        literal: FunctionParamValue | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["column", "literal"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["arg"]) -> Literal["column", "literal"] | None: ...

class FunctionChainColumnArg(Message):
    name: str
    def __init__(self, *, name: str | None = ...) -> None: ...

class FunctionParamValue(Message):
    bool_value: bool
    int64_value: int
    double_value: float
    string_value: str
    @property
    def array_value(self) -> FunctionParamArray: ...
    @property
    def object_value(self) -> FunctionParamObject: ...
    bytes_value: bytes
    def __init__(
        self,
        *,
        bool_value: bool | None = ...,
        int64_value: int | None = ...,
        double_value: float | None = ...,
        string_value: str | None = ...,
        array_value: FunctionParamArray | None = ...,
        object_value: FunctionParamObject | None = ...,
        bytes_value: bytes | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "bool_value",
            "int64_value",
            "double_value",
            "string_value",
            "array_value",
            "object_value",
            "bytes_value",
        ],
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["value"]
    ) -> (
        Literal[
            "bool_value",
            "int64_value",
            "double_value",
            "string_value",
            "array_value",
            "object_value",
            "bytes_value",
        ]
        | None
    ): ...

class FunctionParamArray(Message):
    @property
    def values(self) -> RepeatedCompositeFieldContainer[FunctionParamValue]: ...
    def __init__(self, *, values: Iterable[FunctionParamValue] | None = ...) -> None: ...

class FunctionParamObject(Message):
    @property
    def fields(self) -> MessageMap[str, FunctionParamValue]: ...
    def __init__(self, *, fields: Mapping[str, FunctionParamValue] | None = ...) -> None: ...

class FieldData(Message):
    type: int
    field_name: str
    @property
    def scalars(self) -> ScalarField: ...
    @property
    def vectors(self) -> VectorField: ...
    @property
    def struct_arrays(self) -> StructArrayField: ...
    field_id: int
    is_dynamic: bool
    @property
    def valid_data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(
        self,
        *,
        type: int | None = ...,
        field_name: str | None = ...,
        scalars: ScalarField | None = ...,
        vectors: VectorField | None = ...,
        struct_arrays: StructArrayField | None = ...,
        field_id: int | None = ...,
        is_dynamic: bool | None = ...,
        valid_data: Iterable[bytes] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["scalars", "vectors", "struct_arrays"]) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["field"]
    ) -> Literal["scalars", "vectors", "struct_arrays"] | None: ...

class ScalarField(Message):
    @property
    def bool_data(self) -> BoolArray: ...
    @property
    def int_data(self) -> IntArray: ...
    @property
    def long_data(self) -> LongArray: ...
    @property
    def float_data(self) -> FloatArray: ...
    @property
    def double_data(self) -> DoubleArray: ...
    @property
    def string_data(self) -> StringArray: ...
    @property
    def bytes_data(self) -> BytesArray: ...
    @property
    def array_data(self) -> ArrayArray: ...
    @property
    def json_data(self) -> JSONArray: ...
    @property
    def geometry_data(self) -> GeometryArray: ...
    @property
    def timestamptz_data(self) -> TimestamptzArray: ...
    @property
    def geometry_wkt_data(self) -> GeometryWktArray: ...
    @property
    def mol_data(self) -> MolArray: ...
    @property
    def mol_smiles_data(self) -> MolSmilesArray: ...
    @property
    def date_data(self) -> DateArray: ...
    @property
    def time_data(self) -> TimeArray: ...
    def __init__(
        self,
        *,
        bool_data: BoolArray | None = ...,
        int_data: IntArray | None = ...,
        long_data: LongArray | None = ...,
        float_data: FloatArray | None = ...,
        double_data: DoubleArray | None = ...,
        string_data: StringArray | None = ...,
        bytes_data: BytesArray | None = ...,
        array_data: ArrayArray | None = ...,
        json_data: JSONArray | None = ...,
        geometry_data: GeometryArray | None = ...,
        timestamptz_data: TimestamptzArray | None = ...,
        geometry_wkt_data: GeometryWktArray | None = ...,
        mol_data: MolArray | None = ...,
        mol_smiles_data: MolSmilesArray | None = ...,
        date_data: DateArray | None = ...,
        time_data: TimeArray | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "bool_data",
            "int_data",
            "long_data",
            "float_data",
            "double_data",
            "string_data",
            "bytes_data",
            "array_data",
            "json_data",
            "geometry_data",
            "timestamptz_data",
            "geometry_wkt_data",
            "mol_data",
            "mol_smiles_data",
            "date_data",
            "time_data",
        ],
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["data"]
    ) -> (
        Literal[
            "bool_data",
            "int_data",
            "long_data",
            "float_data",
            "double_data",
            "string_data",
            "bytes_data",
            "array_data",
            "json_data",
            "geometry_data",
            "timestamptz_data",
            "geometry_wkt_data",
            "mol_data",
            "mol_smiles_data",
            "date_data",
            "time_data",
        ]
        | None
    ): ...

class BoolArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, data: Iterable[bytes] | None = ...) -> None: ...

class IntArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(self, *, data: Iterable[int] | None = ...) -> None: ...

class LongArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(self, *, data: Iterable[int] | None = ...) -> None: ...

class FloatArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, data: Iterable[bytes] | None = ...) -> None: ...

class DoubleArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, data: Iterable[bytes] | None = ...) -> None: ...

class StringArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, data: Iterable[bytes] | None = ...) -> None: ...

class BytesArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, data: Iterable[bytes] | None = ...) -> None: ...

class JSONArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, data: Iterable[bytes] | None = ...) -> None: ...

class ArrayArray(Message):
    @property
    def data(self) -> RepeatedCompositeFieldContainer[ScalarField]: ...
    element_type: int
    def __init__(
        self, *, data: Iterable[ScalarField] | None = ..., element_type: int | None = ...
    ) -> None: ...

class TimestamptzArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(self, *, data: Iterable[int] | None = ...) -> None: ...

class DateArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(self, *, data: Iterable[int] | None = ...) -> None: ...

class TimeArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(self, *, data: Iterable[int] | None = ...) -> None: ...

class GeometryArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, data: Iterable[bytes] | None = ...) -> None: ...

class GeometryWktArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(self, *, data: Iterable[str] | None = ...) -> None: ...

class MolArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[bytes]: ...
    def __init__(self, *, data: Iterable[bytes] | None = ...) -> None: ...

class MolSmilesArray(Message):
    @property
    def data(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(self, *, data: Iterable[str] | None = ...) -> None: ...

class VectorField(Message):
    dim: int
    @property
    def float_vector(self) -> FloatArray: ...
    binary_vector: bytes
    float16_vector: bytes
    bfloat16_vector: bytes
    @property
    def sparse_float_vector(self) -> SparseFloatArray: ...
    int8_vector: bytes
    @property
    def vector_array(self) -> VectorArray: ...
    def __init__(
        self,
        *,
        dim: int | None = ...,
        float_vector: FloatArray | None = ...,
        binary_vector: bytes | None = ...,
        float16_vector: bytes | None = ...,
        bfloat16_vector: bytes | None = ...,
        sparse_float_vector: SparseFloatArray | None = ...,
        int8_vector: bytes | None = ...,
        vector_array: VectorArray | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "float_vector",
            "binary_vector",
            "float16_vector",
            "bfloat16_vector",
            "sparse_float_vector",
            "int8_vector",
            "vector_array",
        ],
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["data"]
    ) -> (
        Literal[
            "float_vector",
            "binary_vector",
            "float16_vector",
            "bfloat16_vector",
            "sparse_float_vector",
            "int8_vector",
            "vector_array",
        ]
        | None
    ): ...

class SparseFloatArray(Message):
    @property
    def contents(self) -> RepeatedScalarFieldContainer[bytes]: ...
    dim: int
    def __init__(
        self, *, contents: Iterable[bytes] | None = ..., dim: int | None = ...
    ) -> None: ...

class VectorArray(Message):
    dim: int
    @property
    def data(self) -> RepeatedCompositeFieldContainer[VectorField]: ...
    element_type: int
    def __init__(
        self,
        *,
        dim: int | None = ...,
        data: Iterable[VectorField] | None = ...,
        element_type: int | None = ...,
    ) -> None: ...

class StructArrayField(Message):
    @property
    def fields(self) -> RepeatedCompositeFieldContainer[FieldData]: ...
    def __init__(self, *, fields: Iterable[FieldData] | None = ...) -> None: ...

class FieldPartialUpdateOp(Message):
    REPLACE: Literal[0]
    ARRAY_APPEND: Literal[1]
    ARRAY_REMOVE: Literal[2]
    field_name: str
    op: int
    def __init__(self, *, field_name: str | None = ..., op: int | None = ...) -> None: ...

class IDs(Message):
    @property
    def int_id(self) -> LongArray: ...
    @property
    def str_id(self) -> StringArray: ...
    def __init__(
        self, *, int_id: LongArray | None = ..., str_id: StringArray | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["int_id", "str_id"]) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["id_field"]
    ) -> Literal["int_id", "str_id"] | None: ...

class TemplateValue(Message):
    bool_val: bool
    int64_val: int
    float_val: float
    string_val: str
    @property
    def array_val(self) -> TemplateArrayValue: ...
    bytes_val: bytes
    def __init__(
        self,
        *,
        bool_val: bool | None = ...,
        int64_val: int | None = ...,
        float_val: float | None = ...,
        string_val: str | None = ...,
        array_val: TemplateArrayValue | None = ...,
        bytes_val: bytes | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "bool_val", "int64_val", "float_val", "string_val", "array_val", "bytes_val"
        ],
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["val"]
    ) -> (
        Literal["bool_val", "int64_val", "float_val", "string_val", "array_val", "bytes_val"] | None
    ): ...

class TemplateArrayValue(Message):
    @property
    def bool_data(self) -> BoolArray: ...
    @property
    def long_data(self) -> LongArray: ...
    @property
    def double_data(self) -> DoubleArray: ...
    @property
    def string_data(self) -> StringArray: ...
    @property
    def array_data(self) -> TemplateArrayValueArray: ...
    @property
    def json_data(self) -> JSONArray: ...
    def __init__(
        self,
        *,
        bool_data: BoolArray | None = ...,
        long_data: LongArray | None = ...,
        double_data: DoubleArray | None = ...,
        string_data: StringArray | None = ...,
        array_data: TemplateArrayValueArray | None = ...,
        json_data: JSONArray | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "bool_data", "long_data", "double_data", "string_data", "array_data", "json_data"
        ],
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["data"]
    ) -> (
        Literal["bool_data", "long_data", "double_data", "string_data", "array_data", "json_data"]
        | None
    ): ...

class TemplateArrayValueArray(Message):
    @property
    def data(self) -> RepeatedCompositeFieldContainer[TemplateArrayValue]: ...
    def __init__(self, *, data: Iterable[TemplateArrayValue] | None = ...) -> None: ...

class ReadChangesRequest(Message):
    db_name: str
    collection_name: str
    position: str
    expr: str
    @property
    def expr_template_values(self) -> MessageMap[str, TemplateValue]: ...
    @property
    def output_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    timezone: str
    @property
    def seen(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        position: str | None = ...,
        expr: str | None = ...,
        expr_template_values: Mapping[str, TemplateValue] | None = ...,
        output_fields: Iterable[str] | None = ...,
        timezone: str | None = ...,
        seen: Iterable[int] | None = ...,
    ) -> None: ...

class ReadChangesResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def parts(self) -> RepeatedCompositeFieldContainer[ConsecutiveChanges]: ...
    position: str
    @property
    def seen(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        parts: Iterable[ConsecutiveChanges] | None = ...,
        position: str | None = ...,
        seen: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ConsecutiveChanges(Message):
    kind: str
    partition_name: str
    log: int
    @property
    def offsets(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def told(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def timestamps(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def keys(self) -> IDs: ...
    @property
    def passing(self) -> RepeatedScalarFieldContainer[bool]: ...
    rows: bytes
    def __init__(
        self,
        *,
        kind: str | None = ...,
        partition_name: str | None = ...,
        log: int | None = ...,
        offsets: Iterable[int] | None = ...,
        told: Iterable[int] | None = ...,
        timestamps: Iterable[int] | None = ...,
        keys: IDs | None = ...,
        passing: Iterable[bool] | None = ...,
        rows: bytes | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["keys"]) -> bool: ...

class WALName(IntEnum):
    Unknown = 0
    RocksMQ = 1
    Pulsar = 2
    Kafka = 3
    WoodPecker = 4
    Test = 999

class ReplicateConfiguration(Message):
    @property
    def clusters(self) -> RepeatedCompositeFieldContainer[MilvusCluster]: ...
    @property
    def cross_cluster_topology(self) -> RepeatedCompositeFieldContainer[CrossClusterTopology]: ...
    def __init__(
        self,
        *,
        clusters: Iterable[MilvusCluster] | None = ...,
        cross_cluster_topology: Iterable[CrossClusterTopology] | None = ...,
    ) -> None: ...

class MilvusCluster(Message):
    cluster_id: str
    @property
    def connection_param(self) -> ConnectionParam: ...
    @property
    def pchannels(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        cluster_id: str | None = ...,
        connection_param: ConnectionParam | None = ...,
        pchannels: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["connection_param"]) -> bool: ...

class ConnectionParam(Message):
    uri: str
    token: str
    def __init__(self, *, uri: str | None = ..., token: str | None = ...) -> None: ...

class CrossClusterTopology(Message):
    source_cluster_id: str
    target_cluster_id: str
    def __init__(
        self, *, source_cluster_id: str | None = ..., target_cluster_id: str | None = ...
    ) -> None: ...

class ReplicateCheckpoint(Message):
    cluster_id: str
    pchannel: str
    @property
    def message_id(self) -> MessageID: ...
    time_tick: int
    def __init__(
        self,
        *,
        cluster_id: str | None = ...,
        pchannel: str | None = ...,
        message_id: MessageID | None = ...,
        time_tick: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["message_id"]) -> bool: ...

class MessageID(Message):
    id: str
    WAL_name: int
    def __init__(self, *, id: str | None = ..., WAL_name: int | None = ...) -> None: ...

class ImmutableMessage(Message):
    @property
    def id(self) -> MessageID: ...
    payload: bytes
    @property
    def properties(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        id: MessageID | None = ...,
        payload: bytes | None = ...,
        properties: Mapping[str, str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["id"]) -> bool: ...

class MsgPosition(Message):
    channel_name: str
    msgID: bytes
    msgGroup: str
    timestamp: int
    WAL_name: int
    def __init__(
        self,
        *,
        channel_name: str | None = ...,
        msgID: bytes | None = ...,
        msgGroup: str | None = ...,
        timestamp: int | None = ...,
        WAL_name: int | None = ...,
    ) -> None: ...

class ResourceGroupConfig(Message):
    @property
    def requests(self) -> ResourceGroupLimit: ...
    @property
    def limits(self) -> ResourceGroupLimit: ...
    @property
    def transfer_from(self) -> RepeatedCompositeFieldContainer[ResourceGroupTransfer]: ...
    @property
    def transfer_to(self) -> RepeatedCompositeFieldContainer[ResourceGroupTransfer]: ...
    @property
    def node_filter(self) -> ResourceGroupNodeFilter: ...
    def __init__(
        self,
        *,
        requests: ResourceGroupLimit | None = ...,
        limits: ResourceGroupLimit | None = ...,
        transfer_from: Iterable[ResourceGroupTransfer] | None = ...,
        transfer_to: Iterable[ResourceGroupTransfer] | None = ...,
        node_filter: ResourceGroupNodeFilter | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["requests", "limits", "node_filter"]) -> bool: ...

class ResourceGroupLimit(Message):
    node_num: int
    def __init__(self, *, node_num: int | None = ...) -> None: ...

class ResourceGroupTransfer(Message):
    resource_group: str
    def __init__(self, *, resource_group: str | None = ...) -> None: ...

class ResourceGroupNodeFilter(Message):
    @property
    def node_labels(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(self, *, node_labels: Iterable[KeyValuePair] | None = ...) -> None: ...

class QuotaState(IntEnum):
    Unknown = 0
    ReadLimited = 2
    WriteLimited = 3
    DenyToRead = 4
    DenyToWrite = 5
    DenyToDDL = 6

class ConnectRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def client_info(self) -> ClientInfo: ...
    def __init__(
        self, *, base: MsgBase | None = ..., client_info: ClientInfo | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "client_info"]) -> bool: ...

class ConnectResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def server_info(self) -> ServerInfo: ...
    identifier: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        server_info: ServerInfo | None = ...,
        identifier: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "server_info"]) -> bool: ...

class GetVersionRequest(Message): ...

class GetVersionResponse(Message):
    @property
    def status(self) -> Status: ...
    version: str
    def __init__(self, *, status: Status | None = ..., version: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class CheckHealthRequest(Message): ...

class CheckHealthResponse(Message):
    @property
    def status(self) -> Status: ...
    isHealthy: bool
    @property
    def reasons(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def quota_states(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        isHealthy: bool | None = ...,
        reasons: Iterable[str] | None = ...,
        quota_states: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class AllocTimestampRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    def __init__(self, *, base: MsgBase | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class AllocTimestampResponse(Message):
    @property
    def status(self) -> Status: ...
    timestamp: int
    def __init__(self, *, status: Status | None = ..., timestamp: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetMetricsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    request: str
    def __init__(self, *, base: MsgBase | None = ..., request: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetMetricsResponse(Message):
    @property
    def status(self) -> Status: ...
    response: str
    component_name: str
    def __init__(
        self,
        *,
        status: Status | None = ...,
        response: str | None = ...,
        component_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetComponentStatesRequest(Message): ...

class ComponentStates(Message):
    @property
    def state(self) -> ComponentInfo: ...
    @property
    def subcomponent_states(self) -> RepeatedCompositeFieldContainer[ComponentInfo]: ...
    @property
    def status(self) -> Status: ...
    def __init__(
        self,
        *,
        state: ComponentInfo | None = ...,
        subcomponent_states: Iterable[ComponentInfo] | None = ...,
        status: Status | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["state", "status"]) -> bool: ...

class ComponentInfo(Message):
    nodeID: int
    role: str
    state_code: int
    @property
    def extra_info(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self,
        *,
        nodeID: int | None = ...,
        role: str | None = ...,
        state_code: int | None = ...,
        extra_info: Iterable[KeyValuePair] | None = ...,
    ) -> None: ...

class DummyRequest(Message):
    request_type: str
    def __init__(self, *, request_type: str | None = ...) -> None: ...

class DummyResponse(Message):
    response: str
    def __init__(self, *, response: str | None = ...) -> None: ...

class RegisterLinkRequest(Message): ...

class RegisterLinkResponse(Message):
    @property
    def address(self) -> Address: ...
    @property
    def status(self) -> Status: ...
    def __init__(self, *, address: Address | None = ..., status: Status | None = ...) -> None: ...
    def HasField(self, field_name: Literal["address", "status"]) -> bool: ...

class GetReplicasRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    collectionID: int
    with_shard_nodes: bool
    collection_name: str
    db_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        collectionID: int | None = ...,
        with_shard_nodes: bool | None = ...,
        collection_name: str | None = ...,
        db_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetReplicasResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def replicas(self) -> RepeatedCompositeFieldContainer[ReplicaInfo]: ...
    def __init__(
        self, *, status: Status | None = ..., replicas: Iterable[ReplicaInfo] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ReplicaInfo(Message):
    replicaID: int
    collectionID: int
    @property
    def partition_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def shard_replicas(self) -> RepeatedCompositeFieldContainer[ShardReplica]: ...
    @property
    def node_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    resource_group_name: str
    @property
    def num_outbound_node(self) -> ScalarMap[str, int]: ...
    def __init__(
        self,
        *,
        replicaID: int | None = ...,
        collectionID: int | None = ...,
        partition_ids: Iterable[int] | None = ...,
        shard_replicas: Iterable[ShardReplica] | None = ...,
        node_ids: Iterable[int] | None = ...,
        resource_group_name: str | None = ...,
        num_outbound_node: Mapping[str, int] | None = ...,
    ) -> None: ...

class ShardReplica(Message):
    leaderID: int
    leader_addr: str
    dm_channel_name: str
    @property
    def node_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        leaderID: int | None = ...,
        leader_addr: str | None = ...,
        dm_channel_name: str | None = ...,
        node_ids: Iterable[int] | None = ...,
    ) -> None: ...

class LoadBalanceRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    src_nodeID: int
    @property
    def dst_nodeIDs(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def sealed_segmentIDs(self) -> RepeatedScalarFieldContainer[int]: ...
    collectionName: str
    db_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        src_nodeID: int | None = ...,
        dst_nodeIDs: Iterable[int] | None = ...,
        sealed_segmentIDs: Iterable[int] | None = ...,
        collectionName: str | None = ...,
        db_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class CreateResourceGroupRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    resource_group: str
    @property
    def config(self) -> ResourceGroupConfig: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        resource_group: str | None = ...,
        config: ResourceGroupConfig | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "config"]) -> bool: ...

class UpdateResourceGroupsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def resource_groups(self) -> MessageMap[str, ResourceGroupConfig]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        resource_groups: Mapping[str, ResourceGroupConfig] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropResourceGroupRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    resource_group: str
    def __init__(self, *, base: MsgBase | None = ..., resource_group: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListResourceGroupsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    def __init__(self, *, base: MsgBase | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListResourceGroupsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def resource_groups(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self, *, status: Status | None = ..., resource_groups: Iterable[str] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class DescribeResourceGroupRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    resource_group: str
    def __init__(self, *, base: MsgBase | None = ..., resource_group: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeResourceGroupResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def resource_group(self) -> ResourceGroup: ...
    def __init__(
        self, *, status: Status | None = ..., resource_group: ResourceGroup | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "resource_group"]) -> bool: ...

class ResourceGroup(Message):
    name: str
    capacity: int
    num_available_node: int
    @property
    def num_loaded_replica(self) -> ScalarMap[str, int]: ...
    @property
    def num_outgoing_node(self) -> ScalarMap[str, int]: ...
    @property
    def num_incoming_node(self) -> ScalarMap[str, int]: ...
    @property
    def config(self) -> ResourceGroupConfig: ...
    @property
    def nodes(self) -> RepeatedCompositeFieldContainer[NodeInfo]: ...
    def __init__(
        self,
        *,
        name: str | None = ...,
        capacity: int | None = ...,
        num_available_node: int | None = ...,
        num_loaded_replica: Mapping[str, int] | None = ...,
        num_outgoing_node: Mapping[str, int] | None = ...,
        num_incoming_node: Mapping[str, int] | None = ...,
        config: ResourceGroupConfig | None = ...,
        nodes: Iterable[NodeInfo] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["config"]) -> bool: ...

class TransferNodeRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    source_resource_group: str
    target_resource_group: str
    num_node: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        source_resource_group: str | None = ...,
        target_resource_group: str | None = ...,
        num_node: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class TransferReplicaRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    source_resource_group: str
    target_resource_group: str
    collection_name: str
    num_replica: int
    db_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        source_resource_group: str | None = ...,
        target_resource_group: str | None = ...,
        collection_name: str | None = ...,
        num_replica: int | None = ...,
        db_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class UpdateReplicateConfigurationRequest(Message):
    @property
    def replicate_configuration(self) -> ReplicateConfiguration: ...
    force_promote: bool
    def __init__(
        self,
        *,
        replicate_configuration: ReplicateConfiguration | None = ...,
        force_promote: bool | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["replicate_configuration"]) -> bool: ...

class GetReplicateConfigurationRequest(Message): ...

class GetReplicateConfigurationResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def configuration(self) -> ReplicateConfiguration: ...
    def __init__(
        self, *, status: Status | None = ..., configuration: ReplicateConfiguration | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "configuration"]) -> bool: ...

class GetReplicateInfoRequest(Message):
    source_cluster_id: str
    target_pchannel: str
    def __init__(
        self, *, source_cluster_id: str | None = ..., target_pchannel: str | None = ...
    ) -> None: ...

class GetReplicateInfoResponse(Message):
    @property
    def checkpoint(self) -> ReplicateCheckpoint: ...
    @property
    def salvage_checkpoint(self) -> ReplicateCheckpoint: ...
    def __init__(
        self,
        *,
        checkpoint: ReplicateCheckpoint | None = ...,
        salvage_checkpoint: ReplicateCheckpoint | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["checkpoint", "salvage_checkpoint"]) -> bool: ...

class ReplicateMessageRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    channel_name: str
    BeginTs: int
    EndTs: int
    @property
    def Msgs(self) -> RepeatedScalarFieldContainer[bytes]: ...
    @property
    def StartPositions(self) -> RepeatedCompositeFieldContainer[MsgPosition]: ...
    @property
    def EndPositions(self) -> RepeatedCompositeFieldContainer[MsgPosition]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        channel_name: str | None = ...,
        BeginTs: int | None = ...,
        EndTs: int | None = ...,
        Msgs: Iterable[bytes] | None = ...,
        StartPositions: Iterable[MsgPosition] | None = ...,
        EndPositions: Iterable[MsgPosition] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ReplicateMessageResponse(Message):
    @property
    def status(self) -> Status: ...
    position: str
    def __init__(self, *, status: Status | None = ..., position: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ReplicateRequest(Message):
    @property
    def replicate_message(self) -> ReplicateMessage: ...
    def __init__(self, *, replicate_message: ReplicateMessage | None = ...) -> None: ...
    def HasField(self, field_name: Literal["replicate_message"]) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["request"]
    ) -> Literal["replicate_message"] | None: ...

class ReplicateResponse(Message):
    @property
    def replicate_confirmed_message_info(self) -> ReplicateConfirmedMessageInfo: ...
    def __init__(
        self, *, replicate_confirmed_message_info: ReplicateConfirmedMessageInfo | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["replicate_confirmed_message_info"]) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["response"]
    ) -> Literal["replicate_confirmed_message_info"] | None: ...

class ReplicateMessage(Message):
    source_cluster_id: str
    @property
    def message(self) -> ImmutableMessage: ...
    def __init__(
        self, *, source_cluster_id: str | None = ..., message: ImmutableMessage | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["message"]) -> bool: ...

class ReplicateConfirmedMessageInfo(Message):
    confirmed_time_tick: int
    def __init__(self, *, confirmed_time_tick: int | None = ...) -> None: ...

class DumpMessagesRequest(Message):
    pchannel: str
    @property
    def start_message_id(self) -> MessageID: ...
    start_timetick: int
    end_timetick: int
    include_start_message: bool
    def __init__(
        self,
        *,
        pchannel: str | None = ...,
        start_message_id: MessageID | None = ...,
        start_timetick: int | None = ...,
        end_timetick: int | None = ...,
        include_start_message: bool | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["start_message_id"]) -> bool: ...

class DumpMessagesResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def message(self) -> ImmutableMessage: ...
    def __init__(
        self, *, status: Status | None = ..., message: ImmutableMessage | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "message"]) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["response"]
    ) -> Literal["status", "message"] | None: ...

class ShowType(IntEnum):
    All = 0
    InMemory = 1

class RefreshExternalCollectionState(IntEnum):
    RefreshPending = 0
    RefreshInProgress = 1
    RefreshCompleted = 2
    RefreshFailed = 3

class BoolResponse(Message):
    @property
    def status(self) -> Status: ...
    value: bool
    def __init__(self, *, status: Status | None = ..., value: bool | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class CreateCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    schema: bytes
    shards_num: int
    consistency_level: int
    @property
    def properties(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    num_partitions: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        schema: bytes | None = ...,
        shards_num: int | None = ...,
        consistency_level: int | None = ...,
        properties: Iterable[KeyValuePair] | None = ...,
        num_partitions: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class HasCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    time_stamp: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        time_stamp: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class RenameCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    oldName: str
    newName: str
    newDBName: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        oldName: str | None = ...,
        newName: str | None = ...,
        newDBName: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class TruncateCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class TruncateCollectionResponse(Message):
    @property
    def status(self) -> Status: ...
    def __init__(self, *, status: Status | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class DescribeCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    time_stamp: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        time_stamp: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeCollectionResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def schema(self) -> CollectionSchema: ...
    collectionID: int
    @property
    def virtual_channel_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def physical_channel_names(self) -> RepeatedScalarFieldContainer[str]: ...
    created_timestamp: int
    created_utc_timestamp: int
    shards_num: int
    @property
    def aliases(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def start_positions(self) -> RepeatedCompositeFieldContainer[KeyDataPair]: ...
    consistency_level: int
    collection_name: str
    @property
    def properties(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    db_name: str
    num_partitions: int
    db_id: int
    request_time: int
    update_timestamp: int
    update_timestamp_str: str
    def __init__(
        self,
        *,
        status: Status | None = ...,
        schema: CollectionSchema | None = ...,
        collectionID: int | None = ...,
        virtual_channel_names: Iterable[str] | None = ...,
        physical_channel_names: Iterable[str] | None = ...,
        created_timestamp: int | None = ...,
        created_utc_timestamp: int | None = ...,
        shards_num: int | None = ...,
        aliases: Iterable[str] | None = ...,
        start_positions: Iterable[KeyDataPair] | None = ...,
        consistency_level: int | None = ...,
        collection_name: str | None = ...,
        properties: Iterable[KeyValuePair] | None = ...,
        db_name: str | None = ...,
        num_partitions: int | None = ...,
        db_id: int | None = ...,
        request_time: int | None = ...,
        update_timestamp: int | None = ...,
        update_timestamp_str: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "schema"]) -> bool: ...

class BatchDescribeCollectionRequest(Message):
    db_name: str
    @property
    def collection_name(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def collectionID(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        db_name: str | None = ...,
        collection_name: Iterable[str] | None = ...,
        collectionID: Iterable[int] | None = ...,
    ) -> None: ...

class BatchDescribeCollectionResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def responses(self) -> RepeatedCompositeFieldContainer[DescribeCollectionResponse]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        responses: Iterable[DescribeCollectionResponse] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ShowCollectionsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    time_stamp: int
    type: int
    @property
    def collection_names(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        time_stamp: int | None = ...,
        type: int | None = ...,
        collection_names: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ShowCollectionsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def collection_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def collection_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def created_timestamps(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def created_utc_timestamps(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def inMemory_percentages(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def query_service_available(self) -> RepeatedScalarFieldContainer[bool]: ...
    @property
    def shards_num(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        collection_names: Iterable[str] | None = ...,
        collection_ids: Iterable[int] | None = ...,
        created_timestamps: Iterable[int] | None = ...,
        created_utc_timestamps: Iterable[int] | None = ...,
        inMemory_percentages: Iterable[int] | None = ...,
        query_service_available: Iterable[bool] | None = ...,
        shards_num: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetCollectionStatisticsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetCollectionStatisticsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def stats(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self, *, status: Status | None = ..., stats: Iterable[KeyValuePair] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class AlterCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    @property
    def properties(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    @property
    def delete_keys(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        properties: Iterable[KeyValuePair] | None = ...,
        delete_keys: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class AlterCollectionFieldRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    field_name: str
    @property
    def properties(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    @property
    def delete_keys(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        field_name: str | None = ...,
        properties: Iterable[KeyValuePair] | None = ...,
        delete_keys: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class AddCollectionFieldRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    schema: bytes
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        schema: bytes | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class AddCollectionStructFieldRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    @property
    def struct_array_field_schema(self) -> StructArrayFieldSchema: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        struct_array_field_schema: StructArrayFieldSchema | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "struct_array_field_schema"]) -> bool: ...

class AddCollectionFunctionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    @property
    def functionSchema(self) -> FunctionSchema: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        functionSchema: FunctionSchema | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "functionSchema"]) -> bool: ...

class AlterCollectionFunctionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    function_name: str
    @property
    def functionSchema(self) -> FunctionSchema: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        function_name: str | None = ...,
        functionSchema: FunctionSchema | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "functionSchema"]) -> bool: ...

class DropCollectionFunctionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    function_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        function_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class AlterCollectionSchemaRequest(Message):
    class FieldInfo(Message):
        @property
        def field_schema(self) -> FieldSchema: ...
        index_name: str
        @property
        def extra_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
        def __init__(
            self,
            *,
            field_schema: FieldSchema | None = ...,
            index_name: str | None = ...,
            extra_params: Iterable[KeyValuePair] | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["field_schema"]) -> bool: ...

    class AddRequest(Message):
        @property
        def field_infos(
            self,
        ) -> RepeatedCompositeFieldContainer[AlterCollectionSchemaRequest.FieldInfo]: ...
        @property
        def func_schema(self) -> RepeatedCompositeFieldContainer[FunctionSchema]: ...
        do_physical_backfill: bool
        def __init__(
            self,
            *,
            field_infos: Iterable[AlterCollectionSchemaRequest.FieldInfo] | None = ...,
            func_schema: Iterable[FunctionSchema] | None = ...,
            do_physical_backfill: bool | None = ...,
        ) -> None: ...

    class DropRequest(Message):
        field_name: str
        field_id: int
        function_name: str
        drop_function_output_fields: bool
        def __init__(
            self,
            *,
            field_name: str | None = ...,
            field_id: int | None = ...,
            function_name: str | None = ...,
            drop_function_output_fields: bool | None = ...,
        ) -> None: ...
        def HasField(
            self, field_name: Literal["field_name", "field_id", "function_name"]
        ) -> bool: ...
        def WhichOneof(
            self, oneof_group: Literal["identifier"]
        ) -> Literal["field_name", "field_id", "function_name"] | None: ...

    class Action(Message):
        @property
        def add_request(self) -> AlterCollectionSchemaRequest.AddRequest: ...
        @property
        def drop_request(self) -> AlterCollectionSchemaRequest.DropRequest: ...
        def __init__(
            self,
            *,
            add_request: AlterCollectionSchemaRequest.AddRequest | None = ...,
            drop_request: AlterCollectionSchemaRequest.DropRequest | None = ...,
        ) -> None: ...
        def HasField(self, field_name: Literal["add_request", "drop_request"]) -> bool: ...
        def WhichOneof(
            self, oneof_group: Literal["op"]
        ) -> Literal["add_request", "drop_request"] | None: ...

    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    @property
    def action(self) -> AlterCollectionSchemaRequest.Action: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        action: AlterCollectionSchemaRequest.Action | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "action"]) -> bool: ...

class AlterCollectionSchemaResponse(Message):
    @property
    def alter_status(self) -> Status: ...
    def __init__(self, *, alter_status: Status | None = ...) -> None: ...
    def HasField(self, field_name: Literal["alter_status"]) -> bool: ...

class RefreshExternalCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    external_source: str
    external_spec: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        external_source: str | None = ...,
        external_spec: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class RefreshExternalCollectionResponse(Message):
    @property
    def status(self) -> Status: ...
    job_id: int
    def __init__(self, *, status: Status | None = ..., job_id: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetRefreshExternalCollectionProgressRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    job_id: int
    def __init__(self, *, base: MsgBase | None = ..., job_id: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetRefreshExternalCollectionProgressResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def job_info(self) -> RefreshExternalCollectionJobInfo: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        job_info: RefreshExternalCollectionJobInfo | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "job_info"]) -> bool: ...

class ListRefreshExternalCollectionJobsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListRefreshExternalCollectionJobsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def jobs(self) -> RepeatedCompositeFieldContainer[RefreshExternalCollectionJobInfo]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        jobs: Iterable[RefreshExternalCollectionJobInfo] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class RefreshExternalCollectionJobInfo(Message):
    job_id: int
    collection_name: str
    state: int
    progress: int
    reason: str
    external_source: str
    start_time: int
    end_time: int
    external_spec: str
    def __init__(
        self,
        *,
        job_id: int | None = ...,
        collection_name: str | None = ...,
        state: int | None = ...,
        progress: int | None = ...,
        reason: str | None = ...,
        external_source: str | None = ...,
        start_time: int | None = ...,
        end_time: int | None = ...,
        external_spec: str | None = ...,
    ) -> None: ...

class CreateDatabaseRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    @property
    def properties(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        properties: Iterable[KeyValuePair] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropDatabaseRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    def __init__(self, *, base: MsgBase | None = ..., db_name: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListDatabasesRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    def __init__(self, *, base: MsgBase | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListDatabasesResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def db_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def created_timestamp(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def db_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        db_names: Iterable[str] | None = ...,
        created_timestamp: Iterable[int] | None = ...,
        db_ids: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class AlterDatabaseRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    db_id: str
    @property
    def properties(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    @property
    def delete_keys(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        db_id: str | None = ...,
        properties: Iterable[KeyValuePair] | None = ...,
        delete_keys: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeDatabaseRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    def __init__(self, *, base: MsgBase | None = ..., db_name: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeDatabaseResponse(Message):
    @property
    def status(self) -> Status: ...
    db_name: str
    dbID: int
    created_timestamp: int
    @property
    def properties(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        db_name: str | None = ...,
        dbID: int | None = ...,
        created_timestamp: int | None = ...,
        properties: Iterable[KeyValuePair] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class CreateAliasRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    alias: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        alias: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class AlterAliasRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    alias: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        alias: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropAliasRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    alias: str
    def __init__(
        self, *, base: MsgBase | None = ..., db_name: str | None = ..., alias: str | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeAliasRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    alias: str
    def __init__(
        self, *, base: MsgBase | None = ..., db_name: str | None = ..., alias: str | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeAliasResponse(Message):
    @property
    def status(self) -> Status: ...
    db_name: str
    alias: str
    collection: str
    def __init__(
        self,
        *,
        status: Status | None = ...,
        db_name: str | None = ...,
        alias: str | None = ...,
        collection: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ListAliasesRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListAliasesResponse(Message):
    @property
    def status(self) -> Status: ...
    db_name: str
    collection_name: str
    @property
    def aliases(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        aliases: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ListIndexedSegmentRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    collection_name: str
    index_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        collection_name: str | None = ...,
        index_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListIndexedSegmentResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def segmentIDs(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self, *, status: Status | None = ..., segmentIDs: Iterable[int] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class DescribeSegmentIndexDataRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    collection_name: str
    index_name: str
    @property
    def segmentsIDs(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        collection_name: str | None = ...,
        index_name: str | None = ...,
        segmentsIDs: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeSegmentIndexDataResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def index_data(self) -> MessageMap[int, SegmentIndexData]: ...
    @property
    def index_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        index_data: Mapping[int, SegmentIndexData] | None = ...,
        index_params: Iterable[KeyValuePair] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class SegmentIndexData(Message):
    segmentID: int
    index_data: str
    def __init__(self, *, segmentID: int | None = ..., index_data: str | None = ...) -> None: ...

class PlaceholderType(IntEnum):
    BinaryVector = 100
    FloatVector = 101
    Float16Vector = 102
    BFloat16Vector = 103
    SparseFloatVector = 104
    Int8Vector = 105
    Int64 = 5
    VarChar = 21
    EmbListBinaryVector = 300
    EmbListFloatVector = 301
    EmbListFloat16Vector = 302
    EmbListBFloat16Vector = 303
    EmbListSparseFloatVector = 304
    EmbListInt8Vector = 305

class HighlightType(IntEnum):
    Lexical = 0
    Semantic = 1

class PlaceholderGroup(Message):
    @property
    def placeholders(self) -> RepeatedCompositeFieldContainer[PlaceholderValue]: ...
    def __init__(self, *, placeholders: Iterable[PlaceholderValue] | None = ...) -> None: ...

class PlaceholderValue(Message):
    tag: str
    type: int
    @property
    def values(self) -> RepeatedScalarFieldContainer[bytes]: ...
    element_level: bool
    def __init__(
        self,
        *,
        tag: str | None = ...,
        type: int | None = ...,
        values: Iterable[bytes] | None = ...,
        element_level: bool | None = ...,
    ) -> None: ...

class Highlighter(Message):
    type: int
    @property
    def params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self, *, type: int | None = ..., params: Iterable[KeyValuePair] | None = ...
    ) -> None: ...

class HighlightResult(Message):
    field_name: str
    @property
    def datas(self) -> RepeatedCompositeFieldContainer[HighlightData]: ...
    def __init__(
        self, *, field_name: str | None = ..., datas: Iterable[HighlightData] | None = ...
    ) -> None: ...

class HighlightData(Message):
    @property
    def fragments(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def scores(self) -> RepeatedScalarFieldContainer[float]: ...
    def __init__(
        self, *, fragments: Iterable[str] | None = ..., scores: Iterable[float] | None = ...
    ) -> None: ...

class SearchAggregationSpec(Message):
    @property
    def fields(self) -> RepeatedScalarFieldContainer[str]: ...
    size: int
    @property
    def metrics(self) -> MessageMap[str, MetricAggSpec]: ...
    @property
    def order(self) -> RepeatedCompositeFieldContainer[OrderSpec]: ...
    @property
    def top_hits(self) -> TopHitsSpec: ...
    @property
    def sub_aggregation(self) -> SearchAggregationSpec: ...
    search_size: int
    def __init__(
        self,
        *,
        fields: Iterable[str] | None = ...,
        size: int | None = ...,
        metrics: Mapping[str, MetricAggSpec] | None = ...,
        order: Iterable[OrderSpec] | None = ...,
        top_hits: TopHitsSpec | None = ...,
        sub_aggregation: SearchAggregationSpec | None = ...,
        search_size: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["top_hits", "sub_aggregation"]) -> bool: ...

class MetricAggSpec(Message):
    op: str
    field_name: str
    def __init__(self, *, op: str | None = ..., field_name: str | None = ...) -> None: ...

class OrderSpec(Message):
    key: str
    direction: str
    null_first: bool
    def __init__(
        self, *, key: str | None = ..., direction: str | None = ..., null_first: bool | None = ...
    ) -> None: ...

class TopHitsSpec(Message):
    size: int
    @property
    def sort(self) -> RepeatedCompositeFieldContainer[SortSpec]: ...
    def __init__(
        self, *, size: int | None = ..., sort: Iterable[SortSpec] | None = ...
    ) -> None: ...

class SortSpec(Message):
    field_name: str
    direction: str
    null_first: bool
    def __init__(
        self,
        *,
        field_name: str | None = ...,
        direction: str | None = ...,
        null_first: bool | None = ...,
    ) -> None: ...

class SearchResultData(Message):
    num_queries: int
    top_k: int
    @property
    def fields_data(self) -> RepeatedCompositeFieldContainer[FieldData]: ...
    @property
    def scores(self) -> RepeatedScalarFieldContainer[bytes]: ...
    @property
    def ids(self) -> IDs: ...
    @property
    def topks(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def output_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def group_by_field_value(self) -> FieldData: ...
    all_search_count: int
    @property
    def distances(self) -> RepeatedScalarFieldContainer[bytes]: ...
    @property
    def search_iterator_v2_results(self) -> SearchIteratorV2Results: ...
    @property
    def recalls(self) -> RepeatedScalarFieldContainer[bytes]: ...
    primary_field_name: str
    @property
    def highlight_results(self) -> RepeatedCompositeFieldContainer[HighlightResult]: ...
    @property
    def element_indices(self) -> LongArray: ...
    @property
    def group_by_field_values(self) -> RepeatedCompositeFieldContainer[FieldData]: ...
    @property
    def agg_buckets(self) -> RepeatedCompositeFieldContainer[AggBucket]: ...
    @property
    def agg_topks(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        num_queries: int | None = ...,
        top_k: int | None = ...,
        fields_data: Iterable[FieldData] | None = ...,
        scores: Iterable[bytes] | None = ...,
        ids: IDs | None = ...,
        topks: Iterable[int] | None = ...,
        output_fields: Iterable[str] | None = ...,
        group_by_field_value: FieldData | None = ...,
        all_search_count: int | None = ...,
        distances: Iterable[bytes] | None = ...,
        search_iterator_v2_results: SearchIteratorV2Results | None = ...,
        recalls: Iterable[bytes] | None = ...,
        primary_field_name: str | None = ...,
        highlight_results: Iterable[HighlightResult] | None = ...,
        element_indices: LongArray | None = ...,
        group_by_field_values: Iterable[FieldData] | None = ...,
        agg_buckets: Iterable[AggBucket] | None = ...,
        agg_topks: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "ids", "group_by_field_value", "search_iterator_v2_results", "element_indices"
        ],
    ) -> bool: ...

class SearchIteratorV2Results(Message):
    token: str
    last_bound: float
    def __init__(self, *, token: str | None = ..., last_bound: float | None = ...) -> None: ...

class AggBucket(Message):
    @property
    def key(self) -> RepeatedCompositeFieldContainer[BucketKeyEntry]: ...
    count: int
    @property
    def metrics(self) -> MessageMap[str, MetricValue]: ...
    @property
    def hits(self) -> RepeatedCompositeFieldContainer[AggHit]: ...
    @property
    def sub_groups(self) -> RepeatedCompositeFieldContainer[AggBucket]: ...
    def __init__(
        self,
        *,
        key: Iterable[BucketKeyEntry] | None = ...,
        count: int | None = ...,
        metrics: Mapping[str, MetricValue] | None = ...,
        hits: Iterable[AggHit] | None = ...,
        sub_groups: Iterable[AggBucket] | None = ...,
    ) -> None: ...

class BucketKeyEntry(Message):
    field_id: int
    field_name: str
    int_val: int
    string_val: str
    bool_val: bool
    def __init__(
        self,
        *,
        field_id: int | None = ...,
        field_name: str | None = ...,
        int_val: int | None = ...,
        string_val: str | None = ...,
        bool_val: bool | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["int_val", "string_val", "bool_val"]) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["value"]
    ) -> Literal["int_val", "string_val", "bool_val"] | None: ...

class MetricValue(Message):
    int_val: int
    double_val: float
    string_val: str
    bool_val: bool
    def __init__(
        self,
        *,
        int_val: int | None = ...,
        double_val: float | None = ...,
        string_val: str | None = ...,
        bool_val: bool | None = ...,
    ) -> None: ...
    def HasField(
        self, field_name: Literal["int_val", "double_val", "string_val", "bool_val"]
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["value"]
    ) -> Literal["int_val", "double_val", "string_val", "bool_val"] | None: ...

class AggHit(Message):
    int_pk: int
    str_pk: str
    score: float
    @property
    def fields(self) -> RepeatedCompositeFieldContainer[AggHitField]: ...
    def __init__(
        self,
        *,
        int_pk: int | None = ...,
        str_pk: str | None = ...,
        score: float | None = ...,
        fields: Iterable[AggHitField] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["int_pk", "str_pk"]) -> bool: ...
    def WhichOneof(self, oneof_group: Literal["pk"]) -> Literal["int_pk", "str_pk"] | None: ...

class AggHitField(Message):
    field_id: int
    field_name: str
    int_val: int
    bool_val: bool
    float_val: float
    double_val: float
    string_val: str
    bytes_val: bytes
    def __init__(
        self,
        *,
        field_id: int | None = ...,
        field_name: str | None = ...,
        int_val: int | None = ...,
        bool_val: bool | None = ...,
        float_val: float | None = ...,
        double_val: float | None = ...,
        string_val: str | None = ...,
        bytes_val: bytes | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "int_val", "bool_val", "float_val", "double_val", "string_val", "bytes_val"
        ],
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["value"]
    ) -> (
        Literal["int_val", "bool_val", "float_val", "double_val", "string_val", "bytes_val"] | None
    ): ...

class CreateIndexRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    field_name: str
    @property
    def extra_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    index_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        field_name: str | None = ...,
        extra_params: Iterable[KeyValuePair] | None = ...,
        index_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class AlterIndexRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    index_name: str
    @property
    def extra_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    @property
    def delete_keys(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        index_name: str | None = ...,
        extra_params: Iterable[KeyValuePair] | None = ...,
        delete_keys: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropIndexRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    field_name: str
    index_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        field_name: str | None = ...,
        index_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeIndexRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    field_name: str
    index_name: str
    timestamp: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        field_name: str | None = ...,
        index_name: str | None = ...,
        timestamp: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeIndexResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def index_descriptions(self) -> RepeatedCompositeFieldContainer[IndexDescription]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        index_descriptions: Iterable[IndexDescription] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class IndexDescription(Message):
    index_name: str
    indexID: int
    @property
    def params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    field_name: str
    indexed_rows: int
    total_rows: int
    state: int
    index_state_fail_reason: str
    pending_index_rows: int
    min_index_version: int
    max_index_version: int
    def __init__(
        self,
        *,
        index_name: str | None = ...,
        indexID: int | None = ...,
        params: Iterable[KeyValuePair] | None = ...,
        field_name: str | None = ...,
        indexed_rows: int | None = ...,
        total_rows: int | None = ...,
        state: int | None = ...,
        index_state_fail_reason: str | None = ...,
        pending_index_rows: int | None = ...,
        min_index_version: int | None = ...,
        max_index_version: int | None = ...,
    ) -> None: ...

class GetIndexStatisticsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    index_name: str
    timestamp: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        index_name: str | None = ...,
        timestamp: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetIndexStatisticsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def index_descriptions(self) -> RepeatedCompositeFieldContainer[IndexDescription]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        index_descriptions: Iterable[IndexDescription] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetIndexStateRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    field_name: str
    index_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        field_name: str | None = ...,
        index_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetIndexStateResponse(Message):
    @property
    def status(self) -> Status: ...
    state: int
    fail_reason: str
    def __init__(
        self, *, status: Status | None = ..., state: int | None = ..., fail_reason: str | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetIndexBuildProgressRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    field_name: str
    index_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        field_name: str | None = ...,
        index_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetIndexBuildProgressResponse(Message):
    @property
    def status(self) -> Status: ...
    indexed_rows: int
    total_rows: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        indexed_rows: int | None = ...,
        total_rows: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class PrewarmTaskState(IntEnum):
    PrewarmTaskStateUnknown = 0
    PrewarmTaskStatePending = 1
    PrewarmTaskStateWarming = 2
    PrewarmTaskStateCompleted = 3
    PrewarmTaskStateFailed = 4

class LoadCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    replica_number: int
    @property
    def resource_groups(self) -> RepeatedScalarFieldContainer[str]: ...
    refresh: bool
    @property
    def load_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    skip_load_dynamic_field: bool
    @property
    def load_params(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        replica_number: int | None = ...,
        resource_groups: Iterable[str] | None = ...,
        refresh: bool | None = ...,
        load_fields: Iterable[str] | None = ...,
        skip_load_dynamic_field: bool | None = ...,
        load_params: Mapping[str, str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ReleaseCollectionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class LoadPartitionsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    replica_number: int
    @property
    def resource_groups(self) -> RepeatedScalarFieldContainer[str]: ...
    refresh: bool
    @property
    def load_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    skip_load_dynamic_field: bool
    @property
    def load_params(self) -> ScalarMap[str, str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_names: Iterable[str] | None = ...,
        replica_number: int | None = ...,
        resource_groups: Iterable[str] | None = ...,
        refresh: bool | None = ...,
        load_fields: Iterable[str] | None = ...,
        skip_load_dynamic_field: bool | None = ...,
        load_params: Mapping[str, str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ReleasePartitionsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_names: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetLoadingProgressRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    collection_name: str
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    db_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        collection_name: str | None = ...,
        partition_names: Iterable[str] | None = ...,
        db_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetLoadingProgressResponse(Message):
    @property
    def status(self) -> Status: ...
    progress: int
    refresh_progress: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        progress: int | None = ...,
        refresh_progress: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetLoadStateRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    collection_name: str
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    db_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        collection_name: str | None = ...,
        partition_names: Iterable[str] | None = ...,
        db_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetLoadStateResponse(Message):
    @property
    def status(self) -> Status: ...
    state: int
    def __init__(self, *, status: Status | None = ..., state: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class PrewarmRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    namespace: str
    replica_number: int
    @property
    def resource_groups(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def load_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    skip_load_dynamic_field: bool
    @property
    def load_params(self) -> ScalarMap[str, str]: ...
    ttl_seconds: int
    priority: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        namespace: str | None = ...,
        replica_number: int | None = ...,
        resource_groups: Iterable[str] | None = ...,
        load_fields: Iterable[str] | None = ...,
        skip_load_dynamic_field: bool | None = ...,
        load_params: Mapping[str, str] | None = ...,
        ttl_seconds: int | None = ...,
        priority: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "namespace"]) -> bool: ...

class PrewarmResponse(Message):
    @property
    def status(self) -> Status: ...
    taskID: str
    namespace: str
    def __init__(
        self, *, status: Status | None = ..., taskID: str | None = ..., namespace: str | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "namespace"]) -> bool: ...

class DescribePrewarmTaskRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    taskID: str
    def __init__(self, *, base: MsgBase | None = ..., taskID: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribePrewarmTaskResponse(Message):
    @property
    def status(self) -> Status: ...
    taskID: str
    state: int
    progress: int
    error_message: str
    def __init__(
        self,
        *,
        status: Status | None = ...,
        taskID: str | None = ...,
        state: int | None = ...,
        progress: int | None = ...,
        error_message: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class InsertRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    partition_name: str
    @property
    def fields_data(self) -> RepeatedCompositeFieldContainer[FieldData]: ...
    @property
    def hash_keys(self) -> RepeatedScalarFieldContainer[int]: ...
    num_rows: int
    schema_timestamp: int
    namespace: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_name: str | None = ...,
        fields_data: Iterable[FieldData] | None = ...,
        hash_keys: Iterable[int] | None = ...,
        num_rows: int | None = ...,
        schema_timestamp: int | None = ...,
        namespace: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "namespace"]) -> bool: ...

class UpsertRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    partition_name: str
    @property
    def fields_data(self) -> RepeatedCompositeFieldContainer[FieldData]: ...
    @property
    def hash_keys(self) -> RepeatedScalarFieldContainer[int]: ...
    num_rows: int
    schema_timestamp: int
    partial_update: bool
    namespace: str
    @property
    def field_ops(self) -> RepeatedCompositeFieldContainer[FieldPartialUpdateOp]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_name: str | None = ...,
        fields_data: Iterable[FieldData] | None = ...,
        hash_keys: Iterable[int] | None = ...,
        num_rows: int | None = ...,
        schema_timestamp: int | None = ...,
        partial_update: bool | None = ...,
        namespace: str | None = ...,
        field_ops: Iterable[FieldPartialUpdateOp] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "namespace"]) -> bool: ...

class DeleteRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    partition_name: str
    expr: str
    @property
    def hash_keys(self) -> RepeatedScalarFieldContainer[int]: ...
    consistency_level: int
    @property
    def expr_template_values(self) -> MessageMap[str, TemplateValue]: ...
    namespace: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_name: str | None = ...,
        expr: str | None = ...,
        hash_keys: Iterable[int] | None = ...,
        consistency_level: int | None = ...,
        expr_template_values: Mapping[str, TemplateValue] | None = ...,
        namespace: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "namespace"]) -> bool: ...

class MutationResult(Message):
    @property
    def status(self) -> Status: ...
    @property
    def IDs(self) -> _IDs: ...
    @property
    def succ_index(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def err_index(self) -> RepeatedScalarFieldContainer[int]: ...
    acknowledged: bool
    insert_cnt: int
    delete_cnt: int
    upsert_cnt: int
    timestamp: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        IDs: _IDs | None = ...,
        succ_index: Iterable[int] | None = ...,
        err_index: Iterable[int] | None = ...,
        acknowledged: bool | None = ...,
        insert_cnt: int | None = ...,
        delete_cnt: int | None = ...,
        upsert_cnt: int | None = ...,
        timestamp: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "IDs"]) -> bool: ...

class FlushRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    @property
    def collection_names(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_names: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class FlushResponse(Message):
    @property
    def status(self) -> Status: ...
    db_name: str
    @property
    def coll_segIDs(self) -> MessageMap[str, LongArray]: ...
    @property
    def flush_coll_segIDs(self) -> MessageMap[str, LongArray]: ...
    @property
    def coll_seal_times(self) -> ScalarMap[str, int]: ...
    @property
    def coll_flush_ts(self) -> ScalarMap[str, int]: ...
    @property
    def channel_cps(self) -> MessageMap[str, MsgPosition]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        db_name: str | None = ...,
        coll_segIDs: Mapping[str, LongArray] | None = ...,
        flush_coll_segIDs: Mapping[str, LongArray] | None = ...,
        coll_seal_times: Mapping[str, int] | None = ...,
        coll_flush_ts: Mapping[str, int] | None = ...,
        channel_cps: Mapping[str, MsgPosition] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetFlushStateRequest(Message):
    @property
    def segmentIDs(self) -> RepeatedScalarFieldContainer[int]: ...
    flush_ts: int
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        segmentIDs: Iterable[int] | None = ...,
        flush_ts: int | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...

class GetFlushStateResponse(Message):
    @property
    def status(self) -> Status: ...
    flushed: bool
    def __init__(self, *, status: Status | None = ..., flushed: bool | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class FlushAllRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    @property
    def flush_targets(self) -> RepeatedCompositeFieldContainer[FlushAllTarget]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        flush_targets: Iterable[FlushAllTarget] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class FlushAllResponse(Message):
    @property
    def status(self) -> Status: ...
    flush_all_ts: int
    @property
    def flush_results(self) -> RepeatedCompositeFieldContainer[FlushAllResult]: ...
    @property
    def flush_all_msgs(self) -> MessageMap[str, ImmutableMessage]: ...
    @property
    def cluster_info(self) -> ClusterInfo: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        flush_all_ts: int | None = ...,
        flush_results: Iterable[FlushAllResult] | None = ...,
        flush_all_msgs: Mapping[str, ImmutableMessage] | None = ...,
        cluster_info: ClusterInfo | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "cluster_info"]) -> bool: ...

class GetFlushAllStateRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    flush_all_ts: int
    db_name: str
    @property
    def flush_targets(self) -> RepeatedCompositeFieldContainer[FlushAllTarget]: ...
    @property
    def flush_all_tss(self) -> ScalarMap[str, int]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        flush_all_ts: int | None = ...,
        db_name: str | None = ...,
        flush_targets: Iterable[FlushAllTarget] | None = ...,
        flush_all_tss: Mapping[str, int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetFlushAllStateResponse(Message):
    @property
    def status(self) -> Status: ...
    flushed: bool
    @property
    def flush_states(self) -> RepeatedCompositeFieldContainer[FlushAllState]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        flushed: bool | None = ...,
        flush_states: Iterable[FlushAllState] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class FlushAllTarget(Message):
    db_name: str
    @property
    def collection_names(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self, *, db_name: str | None = ..., collection_names: Iterable[str] | None = ...
    ) -> None: ...

class FlushAllResult(Message):
    db_name: str
    @property
    def collection_results(self) -> RepeatedCompositeFieldContainer[FlushCollectionResult]: ...
    def __init__(
        self,
        *,
        db_name: str | None = ...,
        collection_results: Iterable[FlushCollectionResult] | None = ...,
    ) -> None: ...

class FlushCollectionResult(Message):
    collection_name: str
    @property
    def segment_ids(self) -> LongArray: ...
    @property
    def flush_segment_ids(self) -> LongArray: ...
    seal_time: int
    flush_ts: int
    @property
    def channel_cps(self) -> MessageMap[str, MsgPosition]: ...
    def __init__(
        self,
        *,
        collection_name: str | None = ...,
        segment_ids: LongArray | None = ...,
        flush_segment_ids: LongArray | None = ...,
        seal_time: int | None = ...,
        flush_ts: int | None = ...,
        channel_cps: Mapping[str, MsgPosition] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["segment_ids", "flush_segment_ids"]) -> bool: ...

class FlushAllState(Message):
    db_name: str
    @property
    def collection_flush_states(self) -> ScalarMap[str, bool]: ...
    def __init__(
        self, *, db_name: str | None = ..., collection_flush_states: Mapping[str, bool] | None = ...
    ) -> None: ...

class ClusterInfo(Message):
    cluster_id: str
    cchannel: str
    @property
    def pchannels(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        cluster_id: str | None = ...,
        cchannel: str | None = ...,
        pchannels: Iterable[str] | None = ...,
    ) -> None: ...

class ImportRequest(Message):
    collection_name: str
    partition_name: str
    @property
    def channel_names(self) -> RepeatedScalarFieldContainer[str]: ...
    row_based: bool
    @property
    def files(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def options(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    db_name: str
    clustering_info: bytes
    def __init__(
        self,
        *,
        collection_name: str | None = ...,
        partition_name: str | None = ...,
        channel_names: Iterable[str] | None = ...,
        row_based: bool | None = ...,
        files: Iterable[str] | None = ...,
        options: Iterable[KeyValuePair] | None = ...,
        db_name: str | None = ...,
        clustering_info: bytes | None = ...,
    ) -> None: ...

class ImportResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def tasks(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self, *, status: Status | None = ..., tasks: Iterable[int] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetImportStateRequest(Message):
    task: int
    def __init__(self, *, task: int | None = ...) -> None: ...

class GetImportStateResponse(Message):
    @property
    def status(self) -> Status: ...
    state: int
    row_count: int
    @property
    def id_list(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def infos(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    id: int
    collection_id: int
    @property
    def segment_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    create_ts: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        state: int | None = ...,
        row_count: int | None = ...,
        id_list: Iterable[int] | None = ...,
        infos: Iterable[KeyValuePair] | None = ...,
        id: int | None = ...,
        collection_id: int | None = ...,
        segment_ids: Iterable[int] | None = ...,
        create_ts: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ListImportTasksRequest(Message):
    collection_name: str
    limit: int
    db_name: str
    def __init__(
        self,
        *,
        collection_name: str | None = ...,
        limit: int | None = ...,
        db_name: str | None = ...,
    ) -> None: ...

class ListImportTasksResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def tasks(self) -> RepeatedCompositeFieldContainer[GetImportStateResponse]: ...
    def __init__(
        self, *, status: Status | None = ..., tasks: Iterable[GetImportStateResponse] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class CreatePartitionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    partition_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropPartitionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    partition_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class HasPartitionRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    partition_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ShowPartitionsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    collectionID: int
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    type: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collectionID: int | None = ...,
        partition_names: Iterable[str] | None = ...,
        type: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ShowPartitionsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def partitionIDs(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def created_timestamps(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def created_utc_timestamps(self) -> RepeatedScalarFieldContainer[int]: ...
    @property
    def inMemory_percentages(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        partition_names: Iterable[str] | None = ...,
        partitionIDs: Iterable[int] | None = ...,
        created_timestamps: Iterable[int] | None = ...,
        created_utc_timestamps: Iterable[int] | None = ...,
        inMemory_percentages: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetPartitionStatisticsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    partition_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetPartitionStatisticsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def stats(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self, *, status: Status | None = ..., stats: Iterable[KeyValuePair] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class CreateNamespaceRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    namespace_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        namespace_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class CreateNamespaceResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def namespace(self) -> NamespaceInfo: ...
    def __init__(
        self, *, status: Status | None = ..., namespace: NamespaceInfo | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "namespace"]) -> bool: ...

class DescribeNamespaceRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    namespace_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        namespace_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeNamespaceResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def namespace(self) -> NamespaceInfo: ...
    def __init__(
        self, *, status: Status | None = ..., namespace: NamespaceInfo | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "namespace"]) -> bool: ...

class ListNamespacesRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    prefix: str
    page_size: int
    page_token: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        prefix: str | None = ...,
        page_size: int | None = ...,
        page_token: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListNamespacesResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def namespaces(self) -> RepeatedCompositeFieldContainer[NamespaceInfo]: ...
    next_page_token: str
    def __init__(
        self,
        *,
        status: Status | None = ...,
        namespaces: Iterable[NamespaceInfo] | None = ...,
        next_page_token: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class DropNamespaceRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    namespace_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        namespace_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropNamespaceResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def namespace(self) -> NamespaceInfo: ...
    def __init__(
        self, *, status: Status | None = ..., namespace: NamespaceInfo | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "namespace"]) -> bool: ...

class HasNamespaceRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    namespace_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        namespace_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class HasNamespaceResponse(Message):
    @property
    def status(self) -> Status: ...
    value: bool
    def __init__(self, *, status: Status | None = ..., value: bool | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetNamespaceStatsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    namespace_name: str
    exact: bool
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        namespace_name: str | None = ...,
        exact: bool | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetNamespaceStatsResponse(Message):
    @property
    def status(self) -> Status: ...
    namespace_name: str
    @property
    def stats(self) -> NamespaceStats: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        namespace_name: str | None = ...,
        stats: NamespaceStats | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "stats"]) -> bool: ...

class NamespaceInfo(Message):
    collection_name: str
    namespace_name: str
    created_timestamp: int
    created_utc_timestamp: int
    state: str
    @property
    def stats(self) -> NamespaceStats: ...
    def __init__(
        self,
        *,
        collection_name: str | None = ...,
        namespace_name: str | None = ...,
        created_timestamp: int | None = ...,
        created_utc_timestamp: int | None = ...,
        state: str | None = ...,
        stats: NamespaceStats | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["stats"]) -> bool: ...

class NamespaceStats(Message):
    @property
    def stats(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    approx_entity_count: int
    entity_count: int
    entity_count_type: str
    logical_bytes: int
    last_write_timestamp: int
    last_write_utc_timestamp: int
    def __init__(
        self,
        *,
        stats: Iterable[KeyValuePair] | None = ...,
        approx_entity_count: int | None = ...,
        entity_count: int | None = ...,
        entity_count_type: str | None = ...,
        logical_bytes: int | None = ...,
        last_write_timestamp: int | None = ...,
        last_write_utc_timestamp: int | None = ...,
    ) -> None: ...

class SearchRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    dsl: str
    placeholder_group: bytes
    @property
    def ids(self) -> IDs: ...
    dsl_type: int
    @property
    def output_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def search_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    travel_timestamp: int
    guarantee_timestamp: int
    nq: int
    not_return_all_meta: bool
    consistency_level: int
    use_default_consistency: bool
    search_by_primary_keys: bool
    @property
    def sub_reqs(self) -> RepeatedCompositeFieldContainer[SubSearchRequest]: ...
    @property
    def expr_template_values(self) -> MessageMap[str, TemplateValue]: ...
    @property
    def function_score(self) -> FunctionScore: ...
    namespace: str
    @property
    def highlighter(self) -> Highlighter: ...
    @property
    def search_aggregation(self) -> SearchAggregationSpec: ...
    @property
    def function_chains(self) -> RepeatedCompositeFieldContainer[FunctionChain]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_names: Iterable[str] | None = ...,
        dsl: str | None = ...,
        placeholder_group: bytes | None = ...,
        ids: IDs | None = ...,
        dsl_type: int | None = ...,
        output_fields: Iterable[str] | None = ...,
        search_params: Iterable[KeyValuePair] | None = ...,
        travel_timestamp: int | None = ...,
        guarantee_timestamp: int | None = ...,
        nq: int | None = ...,
        not_return_all_meta: bool | None = ...,
        consistency_level: int | None = ...,
        use_default_consistency: bool | None = ...,
        search_by_primary_keys: bool | None = ...,
        sub_reqs: Iterable[SubSearchRequest] | None = ...,
        expr_template_values: Mapping[str, TemplateValue] | None = ...,
        function_score: FunctionScore | None = ...,
        namespace: str | None = ...,
        highlighter: Highlighter | None = ...,
        search_aggregation: SearchAggregationSpec | None = ...,
        function_chains: Iterable[FunctionChain] | None = ...,
    ) -> None: ...
    def HasField(
        self,
        field_name: Literal[
            "base",
            "placeholder_group",
            "ids",
            "function_score",
            "namespace",
            "highlighter",
            "search_aggregation",
        ],
    ) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["search_input"]
    ) -> Literal["placeholder_group", "ids"] | None: ...

class SubSearchRequest(Message):
    dsl: str
    placeholder_group: bytes
    dsl_type: int
    @property
    def search_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    nq: int
    @property
    def expr_template_values(self) -> MessageMap[str, TemplateValue]: ...
    namespace: str
    def __init__(
        self,
        *,
        dsl: str | None = ...,
        placeholder_group: bytes | None = ...,
        dsl_type: int | None = ...,
        search_params: Iterable[KeyValuePair] | None = ...,
        nq: int | None = ...,
        expr_template_values: Mapping[str, TemplateValue] | None = ...,
        namespace: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["namespace"]) -> bool: ...

class HybridSearchRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def requests(self) -> RepeatedCompositeFieldContainer[SearchRequest]: ...
    @property
    def rank_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    travel_timestamp: int
    guarantee_timestamp: int
    not_return_all_meta: bool
    @property
    def output_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    consistency_level: int
    use_default_consistency: bool
    @property
    def function_score(self) -> FunctionScore: ...
    namespace: str
    @property
    def function_chains(self) -> RepeatedCompositeFieldContainer[FunctionChain]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        partition_names: Iterable[str] | None = ...,
        requests: Iterable[SearchRequest] | None = ...,
        rank_params: Iterable[KeyValuePair] | None = ...,
        travel_timestamp: int | None = ...,
        guarantee_timestamp: int | None = ...,
        not_return_all_meta: bool | None = ...,
        output_fields: Iterable[str] | None = ...,
        consistency_level: int | None = ...,
        use_default_consistency: bool | None = ...,
        function_score: FunctionScore | None = ...,
        namespace: str | None = ...,
        function_chains: Iterable[FunctionChain] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "function_score", "namespace"]) -> bool: ...

class SearchResults(Message):
    @property
    def status(self) -> Status: ...
    @property
    def results(self) -> SearchResultData: ...
    collection_name: str
    session_ts: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        results: SearchResultData | None = ...,
        collection_name: str | None = ...,
        session_ts: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "results"]) -> bool: ...

class QueryRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    expr: str
    @property
    def output_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    travel_timestamp: int
    guarantee_timestamp: int
    @property
    def query_params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    not_return_all_meta: bool
    consistency_level: int
    use_default_consistency: bool
    @property
    def expr_template_values(self) -> MessageMap[str, TemplateValue]: ...
    namespace: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        expr: str | None = ...,
        output_fields: Iterable[str] | None = ...,
        partition_names: Iterable[str] | None = ...,
        travel_timestamp: int | None = ...,
        guarantee_timestamp: int | None = ...,
        query_params: Iterable[KeyValuePair] | None = ...,
        not_return_all_meta: bool | None = ...,
        consistency_level: int | None = ...,
        use_default_consistency: bool | None = ...,
        expr_template_values: Mapping[str, TemplateValue] | None = ...,
        namespace: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "namespace"]) -> bool: ...

class QueryResults(Message):
    @property
    def status(self) -> Status: ...
    @property
    def fields_data(self) -> RepeatedCompositeFieldContainer[FieldData]: ...
    collection_name: str
    @property
    def output_fields(self) -> RepeatedScalarFieldContainer[str]: ...
    session_ts: int
    primary_field_name: str
    @property
    def element_indices(self) -> RepeatedCompositeFieldContainer[ElementIndices]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        fields_data: Iterable[FieldData] | None = ...,
        collection_name: str | None = ...,
        output_fields: Iterable[str] | None = ...,
        session_ts: int | None = ...,
        primary_field_name: str | None = ...,
        element_indices: Iterable[ElementIndices] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class ElementIndices(Message):
    @property
    def indices(self) -> LongArray: ...
    def __init__(self, *, indices: LongArray | None = ...) -> None: ...
    def HasField(self, field_name: Literal["indices"]) -> bool: ...

class CalcDistanceRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    @property
    def op_left(self) -> VectorsArray: ...
    @property
    def op_right(self) -> VectorsArray: ...
    @property
    def params(self) -> RepeatedCompositeFieldContainer[KeyValuePair]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        op_left: VectorsArray | None = ...,
        op_right: VectorsArray | None = ...,
        params: Iterable[KeyValuePair] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base", "op_left", "op_right"]) -> bool: ...

class CalcDistanceResults(Message):
    @property
    def status(self) -> Status: ...
    @property
    def int_dist(self) -> IntArray: ...
    @property
    def float_dist(self) -> FloatArray: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        int_dist: IntArray | None = ...,
        float_dist: FloatArray | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "int_dist", "float_dist"]) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["array"]
    ) -> Literal["int_dist", "float_dist"] | None: ...

class VectorsArray(Message):
    @property
    def id_array(self) -> VectorIDs: ...
    @property
    def data_array(self) -> VectorField: ...
    def __init__(
        self, *, id_array: VectorIDs | None = ..., data_array: VectorField | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["id_array", "data_array"]) -> bool: ...
    def WhichOneof(
        self, oneof_group: Literal["array"]
    ) -> Literal["id_array", "data_array"] | None: ...

class VectorIDs(Message):
    collection_name: str
    field_name: str
    @property
    def id_array(self) -> IDs: ...
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        collection_name: str | None = ...,
        field_name: str | None = ...,
        id_array: IDs | None = ...,
        partition_names: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["id_array"]) -> bool: ...

class GetPersistentSegmentInfoRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    dbName: str
    collectionName: str
    @property
    def states(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        dbName: str | None = ...,
        collectionName: str | None = ...,
        states: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetPersistentSegmentInfoResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def infos(self) -> RepeatedCompositeFieldContainer[PersistentSegmentInfo]: ...
    def __init__(
        self, *, status: Status | None = ..., infos: Iterable[PersistentSegmentInfo] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class PersistentSegmentInfo(Message):
    segmentID: int
    collectionID: int
    partitionID: int
    num_rows: int
    state: int
    level: int
    is_sorted: bool
    storage_version: int
    insert_channel: str
    @property
    def compaction_from(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        segmentID: int | None = ...,
        collectionID: int | None = ...,
        partitionID: int | None = ...,
        num_rows: int | None = ...,
        state: int | None = ...,
        level: int | None = ...,
        is_sorted: bool | None = ...,
        storage_version: int | None = ...,
        insert_channel: str | None = ...,
        compaction_from: Iterable[int] | None = ...,
    ) -> None: ...

class GetQuerySegmentInfoRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    dbName: str
    collectionName: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        dbName: str | None = ...,
        collectionName: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetQuerySegmentInfoResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def infos(self) -> RepeatedCompositeFieldContainer[QuerySegmentInfo]: ...
    def __init__(
        self, *, status: Status | None = ..., infos: Iterable[QuerySegmentInfo] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class QuerySegmentInfo(Message):
    segmentID: int
    collectionID: int
    partitionID: int
    mem_size: int
    num_rows: int
    index_name: str
    indexID: int
    nodeID: int
    state: int
    @property
    def nodeIds(self) -> RepeatedScalarFieldContainer[int]: ...
    level: int
    is_sorted: bool
    storage_version: int
    def __init__(
        self,
        *,
        segmentID: int | None = ...,
        collectionID: int | None = ...,
        partitionID: int | None = ...,
        mem_size: int | None = ...,
        num_rows: int | None = ...,
        index_name: str | None = ...,
        indexID: int | None = ...,
        nodeID: int | None = ...,
        state: int | None = ...,
        nodeIds: Iterable[int] | None = ...,
        level: int | None = ...,
        is_sorted: bool | None = ...,
        storage_version: int | None = ...,
    ) -> None: ...

class ManualCompactionRequest(Message):
    collectionID: int
    timetravel: int
    majorCompaction: bool
    collection_name: str
    db_name: str
    partition_id: int
    channel: str
    @property
    def segment_ids(self) -> RepeatedScalarFieldContainer[int]: ...
    l0Compaction: bool
    target_size: int
    def __init__(
        self,
        *,
        collectionID: int | None = ...,
        timetravel: int | None = ...,
        majorCompaction: bool | None = ...,
        collection_name: str | None = ...,
        db_name: str | None = ...,
        partition_id: int | None = ...,
        channel: str | None = ...,
        segment_ids: Iterable[int] | None = ...,
        l0Compaction: bool | None = ...,
        target_size: int | None = ...,
    ) -> None: ...

class ManualCompactionResponse(Message):
    @property
    def status(self) -> Status: ...
    compactionID: int
    compactionPlanCount: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        compactionID: int | None = ...,
        compactionPlanCount: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetCompactionStateRequest(Message):
    compactionID: int
    def __init__(self, *, compactionID: int | None = ...) -> None: ...

class GetCompactionStateResponse(Message):
    @property
    def status(self) -> Status: ...
    state: int
    executingPlanNo: int
    timeoutPlanNo: int
    completedPlanNo: int
    failedPlanNo: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        state: int | None = ...,
        executingPlanNo: int | None = ...,
        timeoutPlanNo: int | None = ...,
        completedPlanNo: int | None = ...,
        failedPlanNo: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetCompactionPlansRequest(Message):
    compactionID: int
    db_name: str
    collection_name: str
    collection_id: int
    def __init__(
        self,
        *,
        compactionID: int | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        collection_id: int | None = ...,
    ) -> None: ...

class GetCompactionPlansResponse(Message):
    @property
    def status(self) -> Status: ...
    state: int
    @property
    def mergeInfos(self) -> RepeatedCompositeFieldContainer[CompactionMergeInfo]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        state: int | None = ...,
        mergeInfos: Iterable[CompactionMergeInfo] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class CompactionMergeInfo(Message):
    @property
    def sources(self) -> RepeatedScalarFieldContainer[int]: ...
    target: int
    plan_id: int
    trigger_id: int
    collection_id: int
    partition_id: int
    channel: str
    type: int
    state: int
    failure_reason: str
    @property
    def targets(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        sources: Iterable[int] | None = ...,
        target: int | None = ...,
        plan_id: int | None = ...,
        trigger_id: int | None = ...,
        collection_id: int | None = ...,
        partition_id: int | None = ...,
        channel: str | None = ...,
        type: int | None = ...,
        state: int | None = ...,
        failure_reason: str | None = ...,
        targets: Iterable[int] | None = ...,
    ) -> None: ...

class BatchUpdateManifestRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    @property
    def field_names(self) -> RepeatedScalarFieldContainer[str]: ...
    @property
    def items(self) -> RepeatedCompositeFieldContainer[BatchUpdateManifestItem]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        field_names: Iterable[str] | None = ...,
        items: Iterable[BatchUpdateManifestItem] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class BatchUpdateManifestItem(Message):
    segment_id: int
    manifest_version: int
    def __init__(
        self, *, segment_id: int | None = ..., manifest_version: int | None = ...
    ) -> None: ...

class RestoreSnapshotState(IntEnum):
    RestoreSnapshotNone = 0
    RestoreSnapshotPending = 1
    RestoreSnapshotExecuting = 2
    RestoreSnapshotCompleted = 3
    RestoreSnapshotFailed = 4

class ExportSnapshotState(IntEnum):
    ExportSnapshotNone = 0
    ExportSnapshotPending = 1
    ExportSnapshotExecuting = 2
    ExportSnapshotCompleted = 3
    ExportSnapshotFailed = 4

class CreateSnapshotRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    name: str
    description: str
    db_name: str
    collection_name: str
    compaction_protection_seconds: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        name: str | None = ...,
        description: str | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        compaction_protection_seconds: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DropSnapshotRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    name: str
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        name: str | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListSnapshotsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListSnapshotsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def snapshots(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self, *, status: Status | None = ..., snapshots: Iterable[str] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class DescribeSnapshotRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    name: str
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        name: str | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class DescribeSnapshotResponse(Message):
    @property
    def status(self) -> Status: ...
    name: str
    description: str
    collection_name: str
    @property
    def partition_names(self) -> RepeatedScalarFieldContainer[str]: ...
    create_ts: int
    s3_location: str
    def __init__(
        self,
        *,
        status: Status | None = ...,
        name: str | None = ...,
        description: str | None = ...,
        collection_name: str | None = ...,
        partition_names: Iterable[str] | None = ...,
        create_ts: int | None = ...,
        s3_location: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class PinSnapshotDataRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    name: str
    db_name: str
    collection_name: str
    ttl_seconds: int
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        name: str | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        ttl_seconds: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class PinSnapshotDataResponse(Message):
    @property
    def status(self) -> Status: ...
    pin_id: int
    def __init__(self, *, status: Status | None = ..., pin_id: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class UnpinSnapshotDataRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    pin_id: int
    def __init__(self, *, base: MsgBase | None = ..., pin_id: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class RestoreSnapshotRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    name: str
    db_name: str
    collection_name: str
    rewrite_data: bool
    target_db_name: str
    target_collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        name: str | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        rewrite_data: bool | None = ...,
        target_db_name: str | None = ...,
        target_collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class RestoreSnapshotResponse(Message):
    @property
    def status(self) -> Status: ...
    job_id: int
    def __init__(self, *, status: Status | None = ..., job_id: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class RestoreExternalSnapshotRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    target_collection_name: str
    snapshot_metadata_uri: str
    external_spec: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        target_collection_name: str | None = ...,
        snapshot_metadata_uri: str | None = ...,
        external_spec: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class RestoreExternalSnapshotResponse(Message):
    @property
    def status(self) -> Status: ...
    job_id: int
    def __init__(self, *, status: Status | None = ..., job_id: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetRestoreSnapshotStateRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    job_id: int
    def __init__(self, *, base: MsgBase | None = ..., job_id: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetRestoreSnapshotStateResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def info(self) -> RestoreSnapshotInfo: ...
    def __init__(
        self, *, status: Status | None = ..., info: RestoreSnapshotInfo | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "info"]) -> bool: ...

class ListRestoreSnapshotJobsRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    db_name: str
    collection_name: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListRestoreSnapshotJobsResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def jobs(self) -> RepeatedCompositeFieldContainer[RestoreSnapshotInfo]: ...
    def __init__(
        self, *, status: Status | None = ..., jobs: Iterable[RestoreSnapshotInfo] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class RestoreSnapshotInfo(Message):
    job_id: int
    snapshot_name: str
    db_name: str
    collection_name: str
    state: int
    progress: int
    reason: str
    start_time: int
    time_cost: int
    def __init__(
        self,
        *,
        job_id: int | None = ...,
        snapshot_name: str | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        state: int | None = ...,
        progress: int | None = ...,
        reason: str | None = ...,
        start_time: int | None = ...,
        time_cost: int | None = ...,
    ) -> None: ...

class ExportSnapshotRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    name: str
    db_name: str
    collection_name: str
    target_s3_path: str
    external_spec: str
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        name: str | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        target_s3_path: str | None = ...,
        external_spec: str | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ExportSnapshotResponse(Message):
    @property
    def status(self) -> Status: ...
    snapshot_metadata_uri: str
    job_id: int
    def __init__(
        self,
        *,
        status: Status | None = ...,
        snapshot_metadata_uri: str | None = ...,
        job_id: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class GetExportSnapshotStateRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    job_id: int
    def __init__(self, *, base: MsgBase | None = ..., job_id: int | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class GetExportSnapshotStateResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def info(self) -> ExportSnapshotInfo: ...
    def __init__(
        self, *, status: Status | None = ..., info: ExportSnapshotInfo | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status", "info"]) -> bool: ...

class ExportSnapshotInfo(Message):
    job_id: int
    snapshot_name: str
    db_name: str
    collection_name: str
    state: int
    progress: int
    reason: str
    start_time: int
    time_cost: int
    total_files: int
    copied_files: int
    snapshot_metadata_uri: str
    total_bytes: int
    def __init__(
        self,
        *,
        job_id: int | None = ...,
        snapshot_name: str | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        state: int | None = ...,
        progress: int | None = ...,
        reason: str | None = ...,
        start_time: int | None = ...,
        time_cost: int | None = ...,
        total_files: int | None = ...,
        copied_files: int | None = ...,
        snapshot_metadata_uri: str | None = ...,
        total_bytes: int | None = ...,
    ) -> None: ...

class Metrics(Message):
    request_count: int
    success_count: int
    error_count: int
    avg_latency_ms: float
    p99_latency_ms: float
    max_latency_ms: float
    def __init__(
        self,
        *,
        request_count: int | None = ...,
        success_count: int | None = ...,
        error_count: int | None = ...,
        avg_latency_ms: float | None = ...,
        p99_latency_ms: float | None = ...,
        max_latency_ms: float | None = ...,
    ) -> None: ...

class OperationMetrics(Message):
    operation: str
    @property
    def collection_metrics(self) -> MessageMap[str, Metrics]: ...
    def __init__(
        self, *, operation: str | None = ..., collection_metrics: Mapping[str, Metrics] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["global"]) -> bool: ...

class ClientCommand(Message):
    command_id: str
    command_type: str
    payload: bytes
    create_time: int
    persistent: bool
    target_scope: str
    def __init__(
        self,
        *,
        command_id: str | None = ...,
        command_type: str | None = ...,
        payload: bytes | None = ...,
        create_time: int | None = ...,
        persistent: bool | None = ...,
        target_scope: str | None = ...,
    ) -> None: ...

class CommandReply(Message):
    command_id: str
    success: bool
    error_message: str
    payload: bytes
    def __init__(
        self,
        *,
        command_id: str | None = ...,
        success: bool | None = ...,
        error_message: str | None = ...,
        payload: bytes | None = ...,
    ) -> None: ...

class ClientHeartbeatRequest(Message):
    @property
    def client_info(self) -> ClientInfo: ...
    report_timestamp: int
    @property
    def metrics(self) -> RepeatedCompositeFieldContainer[OperationMetrics]: ...
    @property
    def command_replies(self) -> RepeatedCompositeFieldContainer[CommandReply]: ...
    config_hash: str
    last_command_timestamp: int
    def __init__(
        self,
        *,
        client_info: ClientInfo | None = ...,
        report_timestamp: int | None = ...,
        metrics: Iterable[OperationMetrics] | None = ...,
        command_replies: Iterable[CommandReply] | None = ...,
        config_hash: str | None = ...,
        last_command_timestamp: int | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["client_info"]) -> bool: ...

class ClientHeartbeatResponse(Message):
    @property
    def status(self) -> Status: ...
    server_timestamp: int
    @property
    def commands(self) -> RepeatedCompositeFieldContainer[ClientCommand]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        server_timestamp: int | None = ...,
        commands: Iterable[ClientCommand] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class RunAnalyzerRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    analyzer_params: str
    @property
    def placeholder(self) -> RepeatedScalarFieldContainer[bytes]: ...
    with_detail: bool
    with_hash: bool
    db_name: str
    collection_name: str
    field_name: str
    @property
    def analyzer_names(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        analyzer_params: str | None = ...,
        placeholder: Iterable[bytes] | None = ...,
        with_detail: bool | None = ...,
        with_hash: bool | None = ...,
        db_name: str | None = ...,
        collection_name: str | None = ...,
        field_name: str | None = ...,
        analyzer_names: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class RunAnalyzerResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def results(self) -> RepeatedCompositeFieldContainer[AnalyzerResult]: ...
    def __init__(
        self, *, status: Status | None = ..., results: Iterable[AnalyzerResult] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class AnalyzerResult(Message):
    @property
    def tokens(self) -> RepeatedCompositeFieldContainer[AnalyzerToken]: ...
    def __init__(self, *, tokens: Iterable[AnalyzerToken] | None = ...) -> None: ...

class AnalyzerToken(Message):
    token: str
    start_offset: int
    end_offset: int
    position: int
    position_length: int
    hash: int
    def __init__(
        self,
        *,
        token: str | None = ...,
        start_offset: int | None = ...,
        end_offset: int | None = ...,
        position: int | None = ...,
        position_length: int | None = ...,
        hash: int | None = ...,
    ) -> None: ...

class ComputePhraseMatchSlopRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    analyzer_params: str
    query_text: str
    @property
    def data_texts(self) -> RepeatedScalarFieldContainer[str]: ...
    def __init__(
        self,
        *,
        base: MsgBase | None = ...,
        analyzer_params: str | None = ...,
        query_text: str | None = ...,
        data_texts: Iterable[str] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ComputePhraseMatchSlopResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def is_match(self) -> RepeatedScalarFieldContainer[bool]: ...
    @property
    def slops(self) -> RepeatedScalarFieldContainer[int]: ...
    def __init__(
        self,
        *,
        status: Status | None = ...,
        is_match: Iterable[bool] | None = ...,
        slops: Iterable[int] | None = ...,
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class AddFileResourceRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    name: str
    path: str
    def __init__(
        self, *, base: MsgBase | None = ..., name: str | None = ..., path: str | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class RemoveFileResourceRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    name: str
    def __init__(self, *, base: MsgBase | None = ..., name: str | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListFileResourcesRequest(Message):
    @property
    def base(self) -> MsgBase: ...
    def __init__(self, *, base: MsgBase | None = ...) -> None: ...
    def HasField(self, field_name: Literal["base"]) -> bool: ...

class ListFileResourcesResponse(Message):
    @property
    def status(self) -> Status: ...
    @property
    def resources(self) -> RepeatedCompositeFieldContainer[FileResourceInfo]: ...
    def __init__(
        self, *, status: Status | None = ..., resources: Iterable[FileResourceInfo] | None = ...
    ) -> None: ...
    def HasField(self, field_name: Literal["status"]) -> bool: ...

class FileResourceInfo(Message):
    id: int
    name: str
    path: str
    def __init__(
        self, *, id: int | None = ..., name: str | None = ..., path: str | None = ...
    ) -> None: ...

_IDs: TypeAlias = IDs
