module github.com/throughtrain/throughtrain/services/kit

go 1.26.8

require github.com/throughtrain/throughtrain/proto v0.0.0

replace github.com/throughtrain/throughtrain/proto => ../../proto
