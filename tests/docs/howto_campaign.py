"""The code of the how-to page on campaigns, which quotes it; ``test_cluster.py`` runs a part."""

from bpttcheck import verify
from bpttcheck.verification.cluster import DaskCluster


def slurm(jobs):
    from dask_jobqueue import SLURMCluster

    cluster = SLURMCluster(cores=1, processes=1, memory="1GB", walltime="04:00:00")
    cluster.scale(jobs=jobs)
    return cluster


def kubernetes(image, workers):
    from dask_kubernetes.operator import KubeCluster

    return KubeCluster(name="bpttcheck", image=image, n_workers=workers)


def campaign(cluster, identities, cases):
    with DaskCluster(cluster.scheduler_address) as dask:
        return verify(identities, max_examples=cases, seed=1, executor=dask)
