module github.com/throughtrain/throughtrain/proto

go 1.26.8
