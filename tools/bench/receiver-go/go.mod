module k8s-audit.invalid/bench

go 1.22
