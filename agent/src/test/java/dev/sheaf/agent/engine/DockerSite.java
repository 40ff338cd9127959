package dev.sheaf.agent.engine;

import java.io.IOException;

/** A Docker Engine, spoken to directly. */
record DockerSite(LabEngine docker) implements EngineContractTest.Site {
    @Override
    public Engine open() {
        return TestEngines.open(docker.address());
    }

    @Override
    public void kill() throws IOException, InterruptedException {
        docker.kill();
    }

    @Override
    public void startAgain() throws IOException, InterruptedException {
        docker.startAgain();
    }

    @Override
    public void hang() throws IOException, InterruptedException {
        docker.hang();
    }

    @Override
    public void goOn() throws IOException, InterruptedException {
        docker.goOn();
    }

    @Override
    public void leave() throws IOException, InterruptedException {
        docker.stop();
    }
}
