package dashboards

// Numbers of the panels. Links and bookmarks hold them: a new panel gets a new number at the end, and that of a panel that is gone stays free.
const (
	idAnswer uint32 = iota + 1
	idProtected
	idFailing
	idOverdue
	idUncovered
	idLost
	idStale
	idAttention
	idTrouble
	idStorages
	idGuestsRow
	idGuests
	idHistoryRow
	idTimeline
	idResults
	idSizeRow
	idSize
	idEnvironments
	idSpace
	idOrphans
	idRunsRow
	idRunning
	idTasks
	idJobs
	idFreshnessRow
	idSources
	idExporters
	idPermissions
	idEndpoints
	idClocks
	idRequests
	idDeclaredRow
	idDrift
	idDriftHistory
	idStoresRow
	idStores
	idBuckets
	idStates
	idDrillsRow
	idDrills
	idDrillHistory
)
